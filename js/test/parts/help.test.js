import { expect, it } from "vitest";
import createKeys from "../../src/parts/help.js";
import { makeModel } from "../model.js";

const KINDS = ["interpolator", "direction-editor", "latent-grid", "latent-map", "latent-explorer"];

it.each(KINDS)("has keys and what they do for a %s", (kind) => {
  const { signal } = new AbortController();
  const list = createKeys(kind, makeModel({ _searched: true }), signal);
  const lines = [...list.children].map(({ localName, textContent }) => [localName, textContent]);
  expect(lines.length).toBeGreaterThan(8);
  for (const [i, [tag, text]] of lines.entries()) {
    expect(tag).toBe(i % 2 ? "dd" : "dt");
    expect(text).toMatch(/\S/);
  }
});

it("tells of the search of a map only while there is one", () => {
  const model = makeModel({ _searched: false });
  const view = new AbortController();
  const list = createKeys("latent-map", model, view.signal);
  const lines = /** @type {HTMLElement[]} */ ([...list.children]);
  const listed = () => lines.filter(({ hidden }) => !hidden).map(({ textContent }) => textContent);
  expect(listed()).not.toContain("Find text");
  const before = listed().length;
  model.set("_searched", true);
  expect(listed()).toContain("Find text");
  expect(listed()).toHaveLength(before + 2);
  view.abort();
  model.set("_searched", false);
  expect(listed(), "a view that is closed follows no more").toContain("Find text");
});
