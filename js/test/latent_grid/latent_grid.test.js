import { describe, expect, it } from "vitest";
import { block, choose, led } from "../../src/latent_grid/choice.js";
import { strip, words } from "../../src/latent_grid/control.js";
import { missing } from "../../src/stage/strip.js";

/**
 * @param {number} count
 * @param {Partial<import("../../src/latent_grid/control.js").Axis>} [more]
 */
const axis = (count, more = {}) => ({ count, title: "", names: [], ticks: [], unit: "", ...more });
/** @type {import("../../src/latent_grid/control.js").Cells} */
const CELLS = { rows: axis(3), columns: axis(4), count: 10, continuous: false, marks: [] };
const none = { shiftKey: false, ctrlKey: false, metaKey: false };

describe("choosing cells", () => {
  it("takes one, adds and takes away with Ctrl, takes a block with Shift", () => {
    expect(choose([1, 2], 5, 0, none, CELLS)).toEqual([5]);
    expect(choose([1, 2], 5, 0, { ...none, ctrlKey: true }, CELLS)).toEqual([1, 2, 5]);
    expect(choose([1, 5], 5, 0, { ...none, metaKey: true }, CELLS)).toEqual([1]);
    expect(choose([9], 6, 1, { ...none, shiftKey: true }, CELLS)).toEqual([1, 2, 5, 6]);
  });

  it("takes a block whichever way it is drawn, and only cells that there are", () => {
    expect(block(6, 1, CELLS)).toEqual([1, 2, 5, 6]);
    expect(block(0, 11, CELLS)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("keys", () => {
  /** @param {number} index @param {string} key @param {KeyboardEventInit} [more] */
  const press = (index, key, more) =>
    led(index, new KeyboardEvent("keydown", { key, ...more }), CELLS, 2);

  it("lead from cell to cell and stop at the edges", () => {
    expect(press(5, "ArrowLeft")).toBe(4);
    expect(press(5, "ArrowDown")).toBe(9);
    expect(press(7, "ArrowDown")).toBe(7);
    expect(press(0, "ArrowUp")).toBe(0);
    expect(press(9, "ArrowRight")).toBe(9);
    expect(press(5, "x")).toBeNull();
  });

  it("lead to the ends of a row and of the grid, and by the page", () => {
    expect(press(6, "Home")).toBe(4);
    expect(press(8, "End")).toBe(9);
    expect(press(6, "Home", { ctrlKey: true })).toBe(0);
    expect(press(1, "End", { ctrlKey: true })).toBe(9);
    expect(press(1, "PageDown")).toBe(9);
    expect(press(3, "PageDown")).toBe(7);
    expect(press(9, "PageUp")).toBe(1);
  });
});

describe("what is wanted", () => {
  it("is what is in sight from the first cell on, then what is near", () => {
    const wanted = strip(CELLS, { first: 1, last: 1, near: 1 });
    const order = missing(wanted, () => false).map(([row, column]) => row * 4 + column);
    expect(order.slice(0, 4)).toEqual([4, 5, 6, 7]);
    expect([...order.slice(4)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 8, 9]);
  });

  it("never leaves the cells that there are, whatever a view showed before", () => {
    expect([...strip(CELLS, { first: 7, last: 9, near: 2 }).levels.keys()]).toEqual([]);
  });
});

describe("words", () => {
  /** @type {import("../../src/latent_grid/control.js").Cells} */
  const plane = {
    rows: axis(3, { title: "b", ticks: [1, 0, -1], names: ["+1 σ", "0", "−1 σ"], unit: "σ" }),
    columns: axis(3, { title: "a", ticks: [-1, 0, 1], names: ["−1 σ", "0", "+1 σ"], unit: "σ" }),
    count: 9,
    continuous: true,
    marks: [[1, 1, "base"]],
  };

  it("give numbers between ticks, and names to special cells", () => {
    expect(words([0.5, 1.25], plane)).toBe("b +0.50 σ, a +0.25 σ");
    expect(words([2, 2], plane)).toBe("b −1.00 σ, a +1.00 σ");
    expect(words([1, 1], plane)).toBe("base");
    expect(words([2, 1], CELLS)).toBe("cell 9");
  });

  it("say what a bare number is of", () => {
    const rows = axis(2, { names: ["0", "1"], noun: "latent" });
    const columns = axis(2, { title: "steps", names: ["1", "50"], noun: "steps" });
    expect(words([1, 1], { ...CELLS, rows, columns })).toBe("latent 1, steps 50");
  });

  it("give what stands on a cell, after the name of its row", () => {
    const rows = axis(2, { names: ["smile", "class"] });
    /** @type {[number, number, string][]} */
    const says = [
      [0, 1, "+1 σ"],
      [1, 1, "owl"],
    ];
    expect(words([1, 1], { ...CELLS, rows, says })).toBe("class, owl");
    expect(words([1, 1], { ...CELLS, says })).toBe("owl");
    const asides = ["0.52 away"];
    expect(words([0, 0], { ...CELLS, asides }), "its name stays").toBe("cell 0, 0.52 away");
    expect(words([1, 1], { ...CELLS, says, asides })).toBe("owl");
  });
});
