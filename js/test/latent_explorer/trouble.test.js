import { afterEach, beforeEach, expect, it, vi } from "vitest";
import explorer from "../../src/latent_explorer/index.js";
import { makeModel } from "../model.js";

let view = new AbortController();
beforeEach(() => {
  view = new AbortController();
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

/** An explorer whose parts have an alert each. @param {string[]} looks which have a picture */
async function show(looks = ["m"]) {
  /** @type {Record<string, HTMLElement>} */
  const alerts = {};
  const parts = { map: "m", grid: "g", editor: "e", path: "p" };
  const about = { _steps: {}, _bookmarks: [], _note: "", _selection: {}, _shown: {} };
  const host = {
    getWidget: async (/** @type {string} */ ref) => ({
      async render(/** @type {{ el: HTMLElement }} */ { el }) {
        el.innerHTML = `<div class="lw-root"><div class="${looks.includes(ref) ? "lw-look" : ""}">
          <div class="lw-alert" role="alert" hidden><div></div></div></div></div>`;
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
    /** @type {Element} */ (alerts[ref].firstElementChild).textContent = text;
    alerts[ref].hidden = text === "";
  }
  const said = /** @type {HTMLElement} */ (el.querySelector(".lw-looks > [role=alert]"));
  const lines = () => [.../** @type {Element} */ (said.firstElementChild).children];
  /** What is said once the page had its turn. */
  async function words() {
    await turn();
    return said.hidden ? [] : lines().map(({ textContent }) => textContent);
  }
  /** @param {string} name */
  const section = (name) => /** @type {HTMLElement} */ (el.querySelector(`.lw-part-${name}`));
  /** Open or close a part. @param {string} name */
  const fold = (name) =>
    /** @type {HTMLElement} */ (section(name).querySelector(".lw-fold")).click();
  /** Begin to look at the picture of a part. @param {string} name */
  const peek = (name) =>
    el
      .querySelector(`.lw-looks > [data-lw-part=${name}]`)
      ?.dispatchEvent(new CustomEvent("lw-peek", { detail: true }));
  const root = /** @type {HTMLElement} */ (el.querySelector(".lw-root"));
  return { fail, words, lines, section, fold, peek, said, root };
}

it("an explorer says what went wrong once, in however many parts it did", async () => {
  const { fail, words, lines } = await show();
  expect(await words()).toEqual([]);
  for (const ref of ["m", "e"]) fail(ref, "decode raised <b>this</b>");
  fail("p", "The speed is not known: decode raised <b>this</b>");
  expect(await words()).toEqual(["decode raised <b>this</b>"]);
  const [line] = lines();
  fail("e", "");
  expect(await words()).toEqual(["decode raised <b>this</b>"]);
  expect(lines()[0], "it is not read aloud again").toBe(line);
  fail("g", "no such cell");
  fail("m", "");
  expect(await words()).toEqual([
    "Grid: no such cell",
    "Path: The speed is not known: decode raised <b>this</b>",
  ]);
  for (const ref of ["g", "p"]) fail(ref, "");
  expect(await words()).toEqual([]);
});

it("an explorer names the part that an alert is from where the picture is of another", async () => {
  const { fail, words, peek } = await show(["m", "g", "e"]);
  fail("e", "decode raised this");
  fail("g", "decode raised this");
  expect(await words(), "the picture is of the editor").toEqual(["decode raised this"]);
  fail("e", "");
  expect(await words()).toEqual(["Grid: decode raised this"]);
  fail("p", "The speed is not known: decode raised this");
  expect(await words()).toEqual(["Grid, Path: decode raised this"]);
  peek("grid");
  expect(await words()).toEqual(["decode raised this"]);
  peek("map");
  expect(await words()).toEqual(["Grid, Path: decode raised this"]);
});

it("an explorer says nothing of a part that is closed, unless its picture is seen", async () => {
  const { fail, words, section, fold } = await show(["m", "g", "e"]);
  fail("g", "no such cell");
  fold("grid");
  expect(await words()).toEqual([]);
  fold("grid");
  expect(await words()).toEqual(["Grid: no such cell"]);
  section("grid").hidden = true; // as under the tabs
  expect(await words()).toEqual([]);
  fail("e", "no such latent");
  fold("editor");
  for (const name of ["grid", "editor"]) section(name).hidden = true;
  expect(await words()).toEqual(["no such latent"]);
});

it("an explorer with tabs says it in the part that is open, and does not name that", async () => {
  const { fail, words, section, said, root } = await show(["m", "g", "e"]);
  fail("e", "decode raised this");
  fail("g", "no such cell");
  expect(await words()).toEqual(["Grid: no such cell", "decode raised this"]);
  expect(said.parentElement?.className).toBe("lw-looks");
  root.dataset.lwLayout = "tabs"; // as on a narrow page
  for (const name of ["map", "editor", "path"]) section(name).hidden = true;
  expect(await words()).toEqual(["no such cell", "decode raised this"]);
  expect(said.parentElement).toBe(section("grid"));
  section("grid").hidden = true;
  section("editor").hidden = false;
  expect(await words()).toEqual(["decode raised this"]);
  expect(said.parentElement).toBe(section("editor"));
  root.dataset.lwLayout = "columns";
  await words();
  expect(said.parentElement?.className).toBe("lw-looks");
});
