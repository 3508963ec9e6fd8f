import { afterEach, beforeEach, expect, it, vi } from "vitest";
import createTexts from "../../src/kinds/text.js";

/** @type {AbortController} */
let view;
/** @type {import("../../src/frames/kind.js").Kind} */
let kind;
/** @type {HTMLElement} */
let before;
/** @type {HTMLElement} */
let after;
/** @type {HTMLElement} */
let frames;

beforeEach(() => {
  view = new AbortController();
  kind = createTexts();
  after = kind.create("lw-picture", view.signal);
  before = kind.create("lw-picture lw-before", view.signal);
  frames = document.createElement("div");
  frames.dataset.lwView = "side by side";
  frames.append(after, before);
  document.body.replaceChildren(frames);
});
afterEach(() => view.abort());

/** Paint, as a painter does. @param {HTMLElement} root @param {string[]} texts */
function paint(root, texts, exact = true) {
  kind.paint(root, { texts, bytes: 1, close() {} });
  root.dataset.lwExact = String(exact);
}

/** @param {HTMLElement} root */
const letters = (root) => /** @type {HTMLElement} */ (root.querySelector(".lw-letters"));

/** What is marked, once the page has seen what changed. @param {HTMLElement} root */
async function marked(root) {
  await Promise.resolve();
  return [...root.querySelectorAll("mark")].map((one) => one.textContent);
}

it("marks on both sides what differs, and keeps the texts", async () => {
  paint(before, ["It felt sad.", "same"]);
  paint(after, ["It felt very happy.", "same"]);
  expect(await marked(before)).toEqual(["sad."]);
  expect(await marked(after)).toEqual(["very happy."]);
  expect([before.textContent, after.textContent]).toEqual([
    "It felt sad.same",
    "It felt very happy.same",
  ]);
});

it("marks nothing while a text is being written, or while one side is alone", async () => {
  frames.dataset.lwView = "edited";
  paint(before, ["It felt sad."]);
  paint(after, ["It felt happy."]);
  expect(await marked(after)).toEqual([]);
  frames.dataset.lwView = "side by side";
  expect(await marked(after)).toEqual(["happy."]);
  paint(after, ["It"], false);
  expect([await marked(after), await marked(before)]).toEqual([[], []]);
  expect(after.textContent).toBe("It");
  paint(after, ["It felt glad."]);
  expect(await marked(after)).toEqual(["glad."]);
  frames.dataset.lwView = "edited";
  expect(await marked(after)).toEqual([]);
});

it("shows both sides in letters of one size", async () => {
  const size = (/** @type {HTMLElement} */ root) =>
    /** @type {HTMLElement} */ (root.querySelector(".lw-letters")).style.getPropertyValue(
      "--lw-fit",
    );
  frames.dataset.lwView = "edited";
  paint(before, ["a long text of rather many words ".repeat(9)]);
  paint(after, ["short"]);
  await marked(after);
  const alone = size(after);
  frames.dataset.lwView = "side by side";
  await marked(after);
  expect(size(after)).toBe(size(before));
  expect(size(after)).not.toBe(alone);
});

it("leaves a text as it is while that before the edit is held on top of it", async () => {
  frames.dataset.lwView = "edited";
  paint(after, ["It felt happy."]);
  frames.dataset.lwView = "before";
  paint(before, ["a long text of rather many words ".repeat(9)]);
  await marked(after);
  const size = letters(after).style.getPropertyValue("--lw-fit");
  expect(letters(before).style.getPropertyValue("--lw-fit")).not.toBe(size);
  expect([await marked(before), await marked(after)]).toEqual([[], []]);
  frames.dataset.lwView = "side by side";
  expect(await marked(after)).toEqual(["It felt happy."]);
  frames.dataset.lwView = "before";
  expect([await marked(before), await marked(after)]).toEqual([[], []]);
});

it("draws nothing again while neither text changes, be one a draft", async () => {
  paint(before, ["one"]);
  paint(after, ["two"], false);
  await marked(after);
  const draws = vi.spyOn(letters(after).style.constructor.prototype, "setProperty");
  for (let i = 0; i < 3; i++) {
    after.dataset.lwExact = "false";
    before.dataset.lwExact = "true";
    await marked(after);
  }
  expect(draws).not.toHaveBeenCalled();
  after.dataset.lwExact = "true";
  await marked(after);
  expect(draws).toHaveBeenCalledTimes(2);
  draws.mockRestore();
});

it("leaves marks as they are while nothing changes", async () => {
  paint(before, ["one"]);
  paint(after, ["two"]);
  await marked(after);
  const mark = after.querySelector("mark");
  after.dataset.lwExact = "true";
  await marked(after);
  expect(after.querySelector("mark")).toBe(mark);
});

it("sees nothing any more once the view has ended", async () => {
  paint(before, ["one"]);
  view.abort();
  paint(after, ["two"]);
  expect(await marked(after)).toEqual([]);
});

it("leaves cells alone that lie beside each other", async () => {
  delete frames.dataset.lwView; // what holds cells has no views to choose from
  const cells = ["short", "a long text of rather many words ".repeat(9)].map((text) => {
    const cell = kind.create("lw-cell", view.signal, true);
    before.parentElement?.append(cell);
    paint(cell, [text]);
    return cell;
  });
  const [size, other] = cells.map((cell) =>
    /** @type {HTMLElement} */ (cell.querySelector(".lw-letters")).style.getPropertyValue(
      "--lw-fit",
    ),
  );
  expect(size).not.toBe(other);
  paint(before, ["short"]);
  expect([await marked(cells[0]), await marked(before)]).toEqual([[], []]);
});
