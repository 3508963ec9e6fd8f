import { afterEach, expect, it, vi } from "vitest";
import { element, focusWhereScrolled } from "../../src/dom/element.js";
import { makeSizes } from "../model.js";

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

/** A box of 50 pixels that holds so much, and what tells it that one of its elements has another size. */
function make(high = 50) {
  const { Observer, resize } = makeSizes();
  vi.stubGlobal("ResizeObserver", Observer);
  const text = element("div");
  const box = element("div", {}, [text]);
  document.body.append(box);
  let reads = 0;
  const sizes = { clientHeight: 50, high };
  Object.defineProperties(box, {
    clientHeight: { get: () => sizes.clientHeight },
    scrollHeight: { get: () => ++reads && sizes.high },
  });
  const life = new AbortController();
  focusWhereScrolled(box, life.signal);
  return { box, text, sizes, resize, reads: () => reads };
}

it("lets keys come to a box while there is something to scroll to, and asks no sooner than it must", () => {
  const { box, text, sizes, resize, reads } = make();
  sizes.high = 120;
  expect(reads(), "nothing is laid out yet").toBe(0);
  resize(text); // the box itself is as high as before
  expect(box.tabIndex).toBe(0);
  sizes.clientHeight = 130;
  resize(box);
  expect(box.hasAttribute("tabindex")).toBe(false);
});

it("takes the focus from no box that has it", () => {
  const { box, text, sizes, resize } = make(120);
  resize(box);
  box.focus();
  sizes.high = 40;
  resize(text);
  expect(document.activeElement).toBe(box);
  expect(box.tabIndex).toBe(0);
  box.blur();
  expect(box.hasAttribute("tabindex")).toBe(false);
});
