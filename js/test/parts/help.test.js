/// <reference types="vite/client" />
import { expect, it } from "vitest";
import README from "../../../README.md?raw";
import { images } from "../../src/frames/images.js";
import { createControl } from "../../src/interpolator/control.js";
import createKeys, { KEYS } from "../../src/parts/help.js";
import createKeysOfMaps, { KEYS as OF_MAPS } from "../../src/parts/help_of_maps.js";
import { Stage } from "../../src/stage/stage.js";
import { makeModel, makeStore } from "../model.js";

const KINDS = ["interpolator", "direction-editor", "latent-grid", "latent-map", "latent-explorer"];

it.each(KINDS)("has keys and what they do for a %s", (kind) => {
  const { signal } = new AbortController();
  const create = kind in OF_MAPS ? createKeysOfMaps : createKeys;
  const list = create(
    kind,
    makeModel({ _searched: true, _methods: { slerp: "along the arc" } }),
    signal,
  );
  const lines = [...list.children].map(({ localName, textContent }) => [localName, textContent]);
  expect(lines.length).toBeGreaterThan(8);
  for (const [i, [tag, text]] of lines.entries()) {
    expect(tag).toBe(i % 2 ? "dd" : "dt");
    expect(text).toMatch(/\S/);
  }
});

it.each(KINDS)("says how a %s brings a file back without a mouse", (kind) => {
  const create = kind in OF_MAPS ? createKeysOfMaps : createKeys;
  const list = create(kind, makeModel({ _methods: {} }), new AbortController().signal);
  const dropping = [...list.children].filter(({ textContent }) => textContent === "Drop a file");
  expect(dropping).toHaveLength(1);
  expect(dropping[0].nextSibling?.textContent).toContain("widget.apply(lw.load(path))");
});

it("lists the same keys as the README", () => {
  const table = README.split("\n### Keys and gestures\n")[1];
  const rows = table.split("\n###")[0].matchAll(/^\| ([^|]*)\| ([^|]+) \| ([^|]+) \|$/gm);
  /** @type {Record<string, string[][]>} */
  const told = {};
  let kind = "";
  for (const [, where, keys, what] of rows) {
    const name = where.trim().replace(/(?<=[a-z])(?=[A-Z])/, "-");
    kind = name.toLowerCase() || kind;
    told[kind] = [...(told[kind] ?? []), [keys, what]];
  }
  delete told.where; // the head of the table
  const listed = Object.entries({ ...KEYS, ...OF_MAPS }).map(([kind, lines]) => [
    kind,
    lines.map(([keys, what]) => [keys, what]),
  ]);
  expect(told).toEqual(Object.fromEntries(listed));
});

it("explains the methods that an interpolator offers", () => {
  const model = makeModel({ _methods: { lerp: "straight on", geodesic: "the least change" } });
  const list = createKeys("interpolator", model, new AbortController().signal);
  const texts = [...list.children].map(({ textContent }) => textContent);
  expect(texts[texts.indexOf("lerp") + 1]).toMatch(/^method: straight /);
  expect(texts).toContain("geodesic");
  expect(texts).not.toContain("slerp");
});

it("says why an interpolator leaves a method out", () => {
  const withheld = { geodesic: "asks for outputs that are numbers" };
  const model = makeModel({ _methods: { lerp: "straight on" }, _way: { withheld } });
  const list = createKeys("interpolator", model, new AbortController().signal);
  const texts = [...list.children].map(({ textContent }) => textContent);
  expect(texts[texts.indexOf("geodesic") + 1]).toBe(
    "method, not here: it asks for outputs that are numbers",
  );
});

it("says that an explorer fills the screen", () => {
  const list = createKeysOfMaps("latent-explorer", makeModel({}), new AbortController().signal);
  expect([...list.children].map(({ textContent }) => textContent)).toContain("Full screen");
});

it("tells of the search of a map only while there is one", () => {
  const model = makeModel({ _searched: false });
  const view = new AbortController();
  const list = createKeysOfMaps("latent-map", model, view.signal);
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

it("says where pictures are decoded, and why, as that changes", () => {
  // What another page says of the same widget is nothing to this one.
  const model = makeModel({
    runs_in: "page",
    value: 0,
    _route: "a",
    frame_memory: 1,
    _methods: {},
  });
  const view = new AbortController();
  const { signal } = new AbortController();
  const stage = new Stage(model, signal, createControl(model), images, makeStore());
  const [word, where] = createKeys("interpolator", model, view.signal, stage).children;
  const said = () => `${word.textContent} ${where.textContent}`;
  expect(said()).toBe("Pictures are decoded by the kernel");
  stage.mailbox.where = ", by the kernel: it is random.";
  stage.changed();
  expect(said()).toBe("Pictures are decoded by the kernel: it is random.");
  stage.mailbox.local = /** @type {any} */ ({ route: "a" });
  stage.changed();
  expect(said()).toBe("Pictures are decoded in the page");
  view.abort();
  stage.mailbox.local = undefined;
  stage.changed();
  expect(said(), "a view that is closed follows no more").toContain("in the page");
});
