import { expect, it } from "vitest";
import { Asker } from "../src/shared/asker.js";

function makeAsker() {
  /** @type {import("../src/shared/asker.js").Question[]} */
  const sent = [];
  const clock = { now: 0 };
  const asker = new Asker(
    (question) => sent.push(question),
    () => clock.now,
  );
  return { asker, sent, clock };
}

const at = (/** @type {number} */ t) => ({ at: [t], decode: true, moved: true });
const report = (/** @type {number} */ t) => ({ at: [t], decode: false, moved: true });

it("keeps one question in flight, and the newest replaces the one that waits", () => {
  const { asker, sent } = makeAsker();
  for (const t of [0.1, 0.2, 0.3, 0.4]) asker.ask(at(t));
  expect(sent).toEqual([at(0.1)]);
  asker.answered(1);
  expect(sent).toEqual([at(0.1), at(0.4)]);
  asker.answered(2);
  expect(sent).toHaveLength(2);
});

it("does not ask again for what is on its way", () => {
  const { asker, sent } = makeAsker();
  asker.ask(at(0.1));
  asker.ask(at(0.2));
  asker.ask(at(0.1));
  asker.answered(1);
  expect(sent).toEqual([at(0.1)]);
});

it("does not lose a move that waits when Python moves on", () => {
  const { asker, sent } = makeAsker();
  asker.ask(at(0.1));
  asker.ask(at(0.2));
  asker.ask({ ...at(0.2), moved: false });
  asker.answered(1);
  expect(sent.at(-1)).toEqual(at(0.2));
});

it("takes no notice of an answer to another question", () => {
  const { asker, sent } = makeAsker();
  asker.ask(at(0.1));
  asker.ask(at(0.2));
  expect(asker.answered(7)).toBe(false);
  expect(sent).toHaveLength(1);
});

it("lets a question overtake a report, but not a report a question", () => {
  const { asker, sent } = makeAsker();
  asker.ask(report(0.1));
  asker.ask(report(0.2));
  asker.ask(at(0.3));
  expect(sent).toEqual([report(0.1), at(0.3)]);
  asker.ask(report(0.4));
  expect(sent).toHaveLength(2);
  asker.answered(2);
  expect(sent.at(-1)).toEqual(report(0.4));
});

it("goes on when an answer never comes", () => {
  const { asker, sent, clock } = makeAsker();
  asker.ask(at(0.1));
  clock.now = 20_000;
  asker.ask(at(0.2));
  expect(sent).toEqual([at(0.1), at(0.2)]);
});

it("learns how long exact frames take", () => {
  const { asker, clock } = makeAsker();
  expect(asker.pace).toBe(Number.POSITIVE_INFINITY);
  asker.ask(at(0.1));
  clock.now = 40;
  asker.answered(1);
  expect(asker.pace).toBe(40);
  asker.ask(report(0.2));
  clock.now = 45;
  asker.answered(2);
  expect(asker.pace).toBe(40);
});
