import { expect, it } from "vitest";
import { Cursor } from "../../src/latent_grid/cursor.js";
import { fitting, headOf, LEAST, measure } from "../../src/latent_grid/sizes.js";

const axis = (/** @type {number} */ count) => ({
  count,
  title: "",
  names: [],
  ticks: [],
  unit: "",
});
const CELLS = { rows: axis(3), columns: axis(10), count: 30, continuous: false, marks: [] };

it("cells fit into the room, down to the least, and are no wider than is wanted", () => {
  expect(fitting(CELLS, 64, 2000)).toBe(64);
  expect(fitting(CELLS, 64, 500)).toBe(48);
  expect(fitting(CELLS, 64, 100)).toBe(LEAST);
  expect(fitting(CELLS, 64, 0), "not laid out yet").toBe(64);
  expect(measure(CELLS, fitting(CELLS, 64, 500), 1, 0).width).toBeLessThanOrEqual(500);
});

it("cells are as high as their pictures, with a gap between two", () => {
  expect(measure(CELLS, 50, 1.5, 30)).toEqual({
    size: 50,
    high: 75,
    said: 0,
    across: 52,
    down: 77,
    head: 30,
    width: 30 + 10 * 52 - 2,
    height: 3 * 77 - 2,
  });
});

it("cells with names shrink no further than names can be read", () => {
  const names = Array.from({ length: 10 }, (_, i) => `choice ${i}`);
  const named = { ...CELLS, columns: { ...axis(10), names } };
  expect(fitting(named, 64, 100)).toBe(48);
  /** @type {[number, number, string][]} */
  const says = [[0, 1, "owl"]];
  expect(fitting({ ...CELLS, says }, 64, 100)).toBe(48);
  expect(fitting({ ...CELLS, asides: ["12.34 away"] }, 56, 100)).toBe(70);
});

it("what cells say stands under their pictures", () => {
  /** @type {[number, number, string][]} */
  const says = [[0, 1, "owl"]];
  const [plain, said] = [CELLS, { ...CELLS, says }].map((cells) => measure(cells, 50, 1, 0));
  expect(said.high).toBe(plain.high);
  expect(said.down - plain.down).toBe(said.said);
  expect(said.said).toBeGreaterThan(0);
  expect(said.height).toBe(3 * said.down - 2);
});

it("headings of rows are as wide as the longest, up to a limit", () => {
  expect(headOf([])).toBe(0);
  expect(headOf(["a", "abc"])).toBe(34);
  // Beside the letters are 6 pixels to the right, and the gap to the first cell.
  expect(headOf(["0"]) - 6 - 2, "room for a digit").toBeGreaterThanOrEqual(8);
  expect(headOf(["x".repeat(16)])).toBe(headOf(["x".repeat(99)]));
});

it("the focus stays in the grid when cells become fewer", () => {
  const cursor = new Cursor();
  cursor.focus(7);
  cursor.anchorAt(5);
  cursor.restart(10);
  expect([cursor.focused, cursor.anchor]).toEqual([7, 7]);
  cursor.restart(4);
  expect([cursor.focused, cursor.anchor]).toEqual([3, 3]);
});
