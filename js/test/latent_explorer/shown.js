import { afterEach, beforeEach, vi } from "vitest";
import explorer from "../../src/latent_explorer/index.js";
import { makeModel } from "../model.js";

/** @type {AbortController} */
let view;
/** @type {() => void} */
let tell = () => {};
/** The explorer has another size. */
export const resized = () => tell();
beforeEach(() => {
  view = new AbortController();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(/** @type {() => void} */ told) {
        tell = told;
      }
      observe() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  view.abort();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The view of the explorer is gone. */
export const leave = () => view.abort();

/** A page's turn to do what waits. */
export const turn = () => new Promise((resolve) => setTimeout(resolve));

/**
 * An explorer on a page, whose parts write their names, and have a picture each.
 * @param {Record<string, unknown>} [more] state
 * @param {(ref: string) => Promise<void>} [draw] what a part does before it is shown
 * @param {boolean} [apart] whether no part changes what another shows
 */
export function show(more = {}, draw = async () => {}, apart = false) {
  const parts = { map: "m", grid: "g", editor: "e", path: "p" };
  const about = { _steps: { undo: true, redo: false }, _bookmarks: [], _note: "" };
  const data = { _selection: {}, _shown: {} };
  const model = makeModel({ ...parts, ...about, ...data, ...more });
  const host = {
    apart,
    getModel: async () => makeModel({ value: 0.75 }),
    getWidget: async (/** @type {string} */ ref) => ({
      async render(/** @type {{ el: HTMLElement }} */ { el }) {
        await draw(ref);
        el.textContent = `widget ${ref}`;
        el.append(createLook(ref));
      },
    }),
  };
  const el = document.createElement("div");
  document.body.append(el);
  explorer.render({ model, el, host: /** @type {any} */ (host), signal: view.signal });
  const root = /** @type {HTMLElement} */ (el.firstElementChild);
  /** @param {string} text */
  const button = (text) =>
    /** @type {HTMLButtonElement} */ (
      [...root.querySelectorAll("button")].find((one) => one.textContent === text)
    );
  return { model, root, button };
}

/** The picture of a part, and what belongs to it. @param {string} ref */
export function createLook(ref) {
  const look = document.createElement("div");
  look.className = "lw-left lw-look";
  look.dataset.ref = ref;
  const picture = document.createElement("canvas");
  picture.className = "lw-picture";
  picture.dataset.lwExact = "true";
  look.append(picture);
  return look;
}

/** Which of its pictures an explorer shows. @param {HTMLElement} root */
export function seen(root) {
  return [...root.querySelectorAll(".lw-looks > .lw-seen")].map(
    (look) => /** @type {HTMLElement} */ (look).dataset.ref,
  );
}

/** A part tells that its picture shows something else, or no longer. @param {HTMLElement} root @param {string} ref @param {boolean} on */
export function peek(root, ref, on) {
  const picture = root.querySelector(`[data-ref=${ref}] canvas`);
  picture?.dispatchEvent(new CustomEvent("lw-peek", { bubbles: true, detail: on }));
}

/** @param {Element} target @param {KeyboardEventInit} init */
export function press(target, init) {
  const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}
