import { expect, it, vi } from "vitest";
import { Asker } from "../../src/stage/asker.js";

function makeAsker() {
  /** @type {import("../../src/stage/asker.js").Question[]} */
  const sent = [];
  const clock = { now: 0 };
  const asker = new Asker(
    (question) => sent.push(question),
    () => clock.now,
  );
  return { asker, sent, clock };
}

const at = (/** @type {number} */ t, line = "a") => ({ line, at: [t] });

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
