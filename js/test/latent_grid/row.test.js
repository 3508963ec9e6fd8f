import { describe, expect, it } from "vitest";
import { headed } from "../../src/latent_grid/control.js";
import { createRow } from "../../src/latent_grid/row.js";
import { makeModel, makeStore } from "../model.js";

const axis = (/** @type {number} */ count) => ({
  count,
  title: "",
  names: [],
  ticks: [],
  unit: "",
});
const CELLS = { rows: axis(1), columns: axis(2), count: 2, continuous: false, marks: [] };
const CLASSES = { name: "class", default: 0, low: 0, high: 1, choices: ["owl", "mug"] };

/** A row of two cells under a condition, whose frames are put by hand. */
function makeRow() {
  const kind = { pixels: false, create: () => document.createElement("span"), paint: () => {} };
  const stage = {
    model: makeModel({ _cells: CELLS, _conditions: [CLASSES] }),
    store: makeStore(),
    kind,
    route: "a",
    at: [0, 0, 0],
    faults: new Map(),
    readied: () => false,
  };
  stage.store.resize(1e6);
  const scratch = document.createElement("canvas");
  const row = createRow(/** @type {any} */ (stage), 0, 1, scratch, () => {});
  /** @param {number} choice @param {any} source */
  function come(choice, source) {
    const about = { route: "a", lossless: true, draft: 0, strip: false, seq: 1, ms: 0 };
    stage.store.put({ ...about, at: [0, 0, choice], source });
    row.paint();
  }
  return { stage, row, come, box: /** @type {HTMLElement} */ (row.box(0)) };
}

describe("a cell", () => {
  it("says that it is still of other conditions, until its picture is painted", () => {
    const { stage, row, come, box } = makeRow();
    const picture = { width: 1, height: 1, data: new Uint8Array(4), close: () => {} };
    come(0, picture);
    expect(box.dataset.lwExact).toBe("true");
    stage.at = [0, 0, 1];
    row.paint();
    expect([box.dataset.lwExact, box.classList.contains("lw-late")]).toEqual(["false", true]);
    come(1, new Blob(["not open yet"]));
    expect([box.dataset.lwExact, box.classList.contains("lw-late")]).toEqual(["false", true]);
    stage.store.frames.clear();
    come(1, picture);
    expect([box.dataset.lwExact, box.classList.contains("lw-late")]).toEqual(["true", false]);
    expect(box.title).toBe("");
  });
});

it("has headings that say what they are of", () => {
  const rows = { ...axis(1), title: "layer", names: ["5"] };
  expect([headed(rows, "5"), headed(rows, "layer 5"), headed(axis(1), "5")]).toEqual([
    "layer 5",
    "layer 5",
    "5",
  ]);
});
