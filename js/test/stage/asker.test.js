import { expect, it, vi } from "vitest";
import { Asker } from "../../src/stage/asker.js";

function makeAsker() {
  /** @type {import("../../src/stage/asker.js").Wanted[]} */
  const sent = [];
  const clock = { now: 0 };
  const asker = new Asker(
    (question) => sent.push(question),
    () => clock.now,
  );
  return { asker, sent, clock };
}

const at = (/** @type {number} */ t, route = "a") => ({ route, at: [t] });

it("keeps one question in flight, and the newest replaces the one that waits", () => {
  const { asker, sent } = makeAsker();
  for (const t of [0.1, 0.2, 0.3, 0.4]) asker.ask(at(t));
  expect(sent).toEqual([at(0.1)]);
  asker.answered(1, true);
  expect(sent).toEqual([at(0.1), at(0.4)]);
  asker.answered(2, true);
  expect(sent).toHaveLength(2);
  expect(asker.busy).toBe(false);
});

it("does not ask again for what is on its way", () => {
  const { asker, sent } = makeAsker();
  for (const t of [0.1, 0.2, 0.1]) asker.ask(at(t));
  asker.answered(1, true);
  expect(sent).toEqual([at(0.1)]);
});

it("asks again where the same place means something else now", () => {
  const { asker, sent } = makeAsker();
  asker.ask(at(0.1));
  asker.ask(at(0.1, "b"));
  asker.answered(1, true);
  expect(sent).toEqual([at(0.1), at(0.1, "b")]);
});

it("takes no notice of an answer to another question", () => {
  const { asker, sent } = makeAsker();
  asker.ask(at(0.1));
  asker.ask(at(0.2));
  asker.answered(7, true);
  expect(asker.flight?.seq).toBe(1);
  expect(sent).toHaveLength(1);
});

it("sends what waits when an answer never comes", () => {
  vi.useFakeTimers();
  const { asker, sent, clock } = makeAsker();
  asker.ask(at(0.1));
  asker.ask(at(0.2));
  clock.now = 20_000;
  vi.advanceTimersByTime(20_000);
  expect(sent).toEqual([at(0.1), at(0.2)]);
  asker.stop();
  vi.useRealTimers();
});

it("learns how long exact frames take", () => {
  const { asker, clock } = makeAsker();
  expect(asker.pace).toBe(Number.POSITIVE_INFINITY);
  asker.ask(at(0.1));
  clock.now = 40;
  asker.answered(1, true);
  expect(asker.pace).toBe(40);
  asker.ask(at(0.2));
  clock.now = 41;
  asker.answered(2, false); // an error
  expect(asker.pace).toBe(40);
});

it("asks again where an answer never came", () => {
  const { asker, sent, clock } = makeAsker();
  asker.ask(at(0.1));
  expect(asker.busy).toBe(true);
  clock.now = 20_000;
  expect(asker.busy).toBe(false);
  asker.ask(at(0.1));
  expect(sent).toEqual([at(0.1), at(0.1)]);
  asker.stop();
});

it("lets a newer question take the place of one of which a draft is here", () => {
  const { asker, sent } = makeAsker();
  asker.ask(at(0.1));
  asker.ask(at(0.2));
  expect(sent, "nobody knows yet that there are drafts").toHaveLength(1);
  asker.drafted(1);
  expect(sent).toEqual([at(0.1), at(0.2)]);
  asker.ask(at(0.3));
  asker.ask(at(0.4));
  expect(sent, "one at most ahead of the first draft").toEqual([at(0.1), at(0.2), at(0.3)]);
  asker.drafted(2);
  asker.answered(2, true);
  expect(sent, "of the newest question").toHaveLength(3);
  asker.drafted(3);
  expect(sent.at(-1)).toEqual(at(0.4));
  asker.answered(4, true);
  expect(asker.busy).toBe(false);
});

it("sends a newer question at once where the kernel is known to stop for it", () => {
  const { asker, sent } = makeAsker();
  asker.ask(at(0.1));
  asker.drafted(1);
  asker.answered(1, true);
  asker.ask(at(0.2));
  asker.ask(at(0.3));
  expect(sent).toEqual([at(0.1), at(0.2), at(0.3)]);
  asker.ask(at(0.4));
  expect(sent).toHaveLength(3);
  asker.answered(3, true, false); // kept from before: it says nothing about the decoder
  expect(sent.at(-1)).toEqual(at(0.4));
  expect(asker.drafting).toBe(true);
  asker.answered(4, true);
  expect(asker.drafting).toBe(false);
});

it("leaves what it asked for where the person has moved on, if that can be stopped", () => {
  const { asker } = makeAsker();
  asker.ask(at(0.1));
  expect(asker.leave(at(0.2)), "it cannot be").toBe(false);
  asker.drafted(1);
  expect(asker.leave(at(0.1)), "they have not").toBe(false);
  expect(asker.busy).toBe(true);
  expect(asker.leave(at(0.2))).toBe(true);
  expect(asker.busy).toBe(false);
  expect(asker.leave(at(0.2)), "said once").toBe(false);
});

it("does not count a question as lost while drafts of its answer come", () => {
  const { asker, clock } = makeAsker();
  asker.ask(at(0.1));
  clock.now = 9_000;
  asker.drafted(1);
  clock.now = 18_000;
  expect(asker.lost).toBe(false);
  asker.answered(1, true);
  expect(asker.pace).toBe(18_000);
});
