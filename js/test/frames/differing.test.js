import { expect, it } from "vitest";
import { differing } from "../../src/frames/differing.js";

/** What is marked on either side. @param {string} one @param {string} other */
function marked(one, other) {
  return differing(one, other).map((pieces) =>
    pieces.filter(({ differs }) => differs).map(({ text }) => text),
  );
}

it("marks the words that the other text lacks, runs of them together", () => {
  expect(marked("It felt sad. It wept.", "It felt happy. It wept.")).toEqual([
    [" sad."],
    [" happy."],
  ]);
  expect(marked("a b c d", "a d")).toEqual([[" b c"], []]);
  expect(marked("the fox ran", "a fox ran on")).toEqual([["the"], ["a", " on"]]);
  expect(marked("", "new")).toEqual([[], ["new"]]);
  expect(marked("same  words\n", "same words")).toEqual([[], []]);
});

it("marks words of languages that have no spaces", () => {
  expect(marked("我今天很高兴。", "我今天很难过。")).toEqual([["高兴。"], ["难过。"]]);
  expect(marked("私は猫が好きです", "私は犬が好きです")).toEqual([["猫"], ["犬"]]);
  expect(marked("(sad) it's", "(glad) it's")).toEqual([["(sad)"], ["(glad)"]]);
});

it("keeps every letter, and as many words in common as there can be", () => {
  let state = 7;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const text = () =>
    Array.from({ length: Math.floor(12 * random()) }, () => "abc"[Math.floor(3 * random())]).join(
      random() < 0.5 ? " " : "  ",
    );
  /** The longest run in common, by trying all. @param {string[]} a @param {string[]} b @returns {number} */
  const longest = (a, b) => {
    if (!a.length || !b.length) return 0;
    if (a[0] === b[0]) return 1 + longest(a.slice(1), b.slice(1));
    return Math.max(longest(a.slice(1), b), longest(a, b.slice(1)));
  };
  const split = (/** @type {string} */ text) => text.split(/\s+/).filter(Boolean);
  for (let i = 0; i < 200; i++) {
    const [one, other] = [text(), text()];
    const sides = differing(one, other);
    expect(sides.map((pieces) => pieces.map((piece) => piece.text).join(""))).toEqual([one, other]);
    const kept = sides.map((pieces) =>
      pieces.flatMap((piece) => (piece.differs ? [] : split(piece.text))),
    );
    expect(kept[0]).toEqual(kept[1]);
    expect(kept[0]).toHaveLength(longest(split(one), split(other)));
  }
});

it("takes no time for long texts: what lies between their ends differs", () => {
  const long = (/** @type {string} */ word) =>
    `begin ${Array.from({ length: 3000 }, (_, i) => `${word}${i}`).join(" ")} end`;
  const begin = performance.now();
  const [[first, , last]] = differing(long("x"), long("y"));
  expect([first.text, last.text]).toEqual(["begin", " end"]);
  expect(performance.now() - begin).toBeLessThan(1000);
});
