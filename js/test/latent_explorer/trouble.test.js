import { afterEach, beforeEach, expect, it, vi } from "vitest";
import explorer from "../../src/latent_explorer/index.js";
import { makeModel } from "../model.js";

const view = new AbortController();
beforeEach(() => {
  const sizes = { observe() {}, disconnect() {} };
  vi.stubGlobal(
    "ResizeObserver",
    vi.fn(() => sizes),
  );
});
afterEach(() => {
  view.abort();
  vi.unstubAllGlobals();
});

/** A page's turn to do what waits. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** An explorer whose parts have an alert each. */
async function show() {
  /** @type {Record<string, HTMLElement>} */
  const alerts = {};
  const parts = { map: "m", grid: "g", editor: "e", path: "p" };
  const about = { _steps: {}, _bookmarks: [], _note: "", _selection: {}, _shown: {} };
  const host = {
    getWidget: async (/** @type {string} */ ref) => ({
      async render(/** @type {{ el: HTMLElement }} */ { el }) {
        el.innerHTML = `<div class="lw-root"><div class="${ref === "m" ? "lw-look" : ""}">
          <div class="lw-alert" role="alert" hidden></div></div></div>`;
        alerts[ref] = /** @type {HTMLElement} */ (el.querySelector(".lw-alert"));
      },
    }),
  };
  const el = document.createElement("div");
  const model = makeModel({ ...parts, ...about });
  explorer.render({ model, el, host: /** @type {any} */ (host), signal: view.signal });
  await turn();
  /** @param {string} ref @param {string} text */
  function fail(ref, text) {
    alerts[ref].textContent = text;
    alerts[ref].hidden = text === "";
  }
  const said = /** @type {HTMLElement} */ (el.querySelector(".lw-looks > [role=alert]"));
  /** What is said once the page had its turn. */
  async function words() {
    await turn();
    return said.hidden ? [] : [...said.children].map(({ textContent }) => textContent);
  }
  return { fail, words, said };
}

it("an explorer says what went wrong once, in however many parts it did", async () => {
  const { fail, words, said } = await show();
  expect(await words()).toEqual([]);
  for (const ref of ["m", "e"]) fail(ref, "decode raised <b>this</b>");
  fail("p", "The speed is not known: decode raised <b>this</b>");
  expect(await words()).toEqual(["decode raised <b>this</b>"]);
  const [line] = said.children;
  fail("e", "");
  expect(await words()).toEqual(["decode raised <b>this</b>"]);
  expect(said.firstChild, "it is not read aloud again").toBe(line);
  fail("g", "no such cell");
  fail("m", "");
  expect(await words()).toEqual([
    "no such cell",
    "The speed is not known: decode raised <b>this</b>",
  ]);
  for (const ref of ["g", "p"]) fail(ref, "");
  expect(await words()).toEqual([]);
});
