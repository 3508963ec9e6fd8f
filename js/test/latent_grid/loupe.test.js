import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRoot, createStatus } from "../../src/controls/view.js";
import { createControl } from "../../src/latent_grid/control.js";
import { Cursor } from "../../src/latent_grid/cursor.js";
import { createLoupe } from "../../src/latent_grid/loupe.js";
import { listenToPicks } from "../../src/latent_grid/picking.js";
import { createPoint } from "../../src/latent_grid/point.js";
import { Stage } from "../../src/stage/stage.js";
import { makeKind, makeModel, makeSizes, makeStore } from "../model.js";

const CLASSES = { name: "class", default: 0, low: 0, high: 1, choices: ["owl", "mug"] };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("ResizeObserver", makeSizes().Observer);
});
afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** @param {boolean} [continuous] */
function makeGrid(continuous = false) {
  const axis = { count: 3, title: "", names: [], ticks: [], unit: "" };
  const cells = { rows: axis, columns: axis, count: 9, continuous, marks: [] };
  const model = makeModel({
    value: [0, 0],
    selection: [],
    selected: null,
    conditions: { class: "owl" },
    _cells: cells,
    _conditions: [CLASSES],
    _route: "a",
    frame_memory: 64,
    strip_length: 65,
  });
  const { signal } = new AbortController();
  const stage = new Stage(model, signal, createControl(model), makeKind(), makeStore());
  stage.store.resize(1e6);
  /** @param {number[]} at @param {object} [more] */
  function come(at, more = {}) {
    const about = { route: "a", lossless: true, draft: 0, strip: false, seq: 1, ms: 0 };
    const source = { width: 1, height: 1, data: new Uint8Array(4), close: () => {} };
    stage.store.put(/** @type {any} */ ({ ...about, at, source, ...more }));
    stage.changed();
  }
  return { model, stage, signal, come };
}

describe("the large picture", () => {
  function makeLoupe() {
    const made = makeGrid();
    const { stage, signal } = made;
    const loupe = createLoupe(stage, signal);
    const words = (/** @type {number[]} */ at) => at.join();
    const status = createStatus(stage, words, signal, loupe.subject);
    const root = createRoot("test", []);
    async function say() {
      loupe.follow();
      loupe.repaint();
      status.follow(root);
      await Promise.resolve();
      const { lwValue, lwExact } = loupe.picture.dataset;
      return [lwValue, lwExact, status.status.dataset.lwState];
    }
    return { ...made, loupe, say, status };
  }

  it("stays with the cell that was chosen while other classes are", async () => {
    const { model, stage, come, loupe, say } = makeLoupe();
    for (const column of [0, 1]) come([0, column, 0]);
    expect(await say()).toEqual(["[0,0,0]", "true", "exact"]);
    loupe.hold(1);
    expect(await say()).toEqual(["[0,1,0]", "true", "exact"]);
    stage.move([0, 0, 1], { rest: true });
    come([0, 0, 1]);
    expect(await say()).toEqual(["[0,1,0]", "false", "none"]);
    expect(model.sent.some(({ at }) => String(at) === "0,1,1")).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(model.sent.some(({ at }) => String(at) === "0,1,1")).toBe(true);
    come([0, 1, 1]);
    expect(await say()).toEqual(["[0,1,1]", "true", "exact"]);
    expect(loupe.caption.textContent).toBe("cell 1");
    expect(loupe.place.at).toEqual([0, 1, 1]);
    stage.move([2, 2, 1], { rest: true });
    come([2, 2, 1]);
    expect(await say()).toEqual(["[2,2,1]", "true", "exact"]);
  });

  it("is said to be what it is: a draft where it is of a cell that is one", async () => {
    const { come, loupe, say, status } = makeLoupe();
    come([0, 0, 0]);
    come([1, 1, 0], { lossless: false, draft: 2 });
    expect(await say()).toEqual(["[0,0,0]", "true", "exact"]);
    loupe.point(4);
    expect(await say()).toEqual(["[1,1,0]", "false", "draft"]);
    expect(status.status.textContent).toBe("draft 2");
    expect(loupe.caption.textContent).toBe("cell 4 · draft");
    loupe.point(null);
    expect(await say()).toEqual(["[0,0,0]", "true", "exact"]);
  });

  it("goes with the cell that a click or a key chose, and back with Escape", () => {
    const { stage, signal, model } = makeGrid();
    /** @type {(number | null)[]} */
    const chosen = [];
    const box = document.createElement("div");
    const sheet = /** @type {any} */ ({ box, page: 1, focus: () => {} });
    const on = {
      point() {},
      open() {},
      choose: (/** @type {number | null} */ i) => chosen.push(i),
    };
    listenToPicks(stage, sheet, new Cursor(), on, signal);
    for (const key of ["ArrowRight", "Escape"])
      box.dispatchEvent(new KeyboardEvent("keydown", { key }));
    expect(chosen).toEqual([1, null]);
    expect(model.state.selection).toEqual([]);
  });
});

describe("the point of a plane", () => {
  it("has the keys after a drag, and the cells' keys go on beside it", () => {
    const { stage, signal } = makeGrid(true);
    const [box, rows, cell] = ["lw-sheet", "lw-rows", "lw-box"].map((name) => {
      const made = document.createElement("div");
      made.className = name;
      return made;
    });
    rows.append(cell);
    box.append(rows);
    document.body.append(box);
    Object.assign(box, { hasPointerCapture: () => true });
    const sizes = { across: 10, down: 10, size: 10, high: 10, head: 0 };
    const cursor = new Cursor();
    createPoint(stage, /** @type {any} */ ({ box, rows, sizes }), cursor, () => {}, signal);
    /** @param {string} type @param {number} x */
    const send = (type, x) =>
      cell.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: x, clientY: 25 }));
    send("pointerdown", 5);
    send("pointermove", 24);
    send("pointerup", 24);
    expect(stage.at.slice(0, 2)).toEqual([2, 1.9]);
    expect(document.activeElement?.className).toBe("lw-point");
    expect(cursor.focused).toBe(8);
  });
});
