import { afterEach, expect, it, vi } from "vitest";
import { element, focusWhereScrolled } from "../../src/dom/element.js";

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

/** A box of 50 pixels that holds so much, and what tells it that one of its elements has another size. */
function make(high = 50) {
  /** @type {Map<Element, () => void>} */
  const told = new Map();
  class Sizes {
    /** @param {() => void} act */
    constructor(act) {
      this.act = act;
    }
    observe(/** @type {Element} */ target) {
      told.set(target, this.act);
    }
    disconnect() {}
  }
  vi.stubGlobal("ResizeObserver", Sizes);
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
  /** @param {Element} one */
  const resize = (one) => told.get(one)?.();
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
