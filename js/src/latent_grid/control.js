import { withConditions } from "../controls/conditions.js";

/** All cells that are wanted are asked for at once: the kernel sends them as they are decoded. */
const PIECE = { ms: Infinity, most: 2048 };

/**
 * The rows, or the columns, of a grid.
 * @typedef {object} Axis
 * @property {number} count
 * @property {string} title
 * @property {string[]} names
 * @property {number[]} ticks
 * @property {string} unit
 * @property {boolean} [signed] whether a tick above 0 is written with its sign
 * @property {string} [noun] what stands before a name that is a bare number
 */

/**
 * What the page knows of a grid.
 * @typedef {object} Cells
 * @property {Axis} rows
 * @property {Axis} columns
 * @property {number} count
 * @property {boolean} continuous
 * @property {[number, number, string][]} marks
 * @property {[number, number, string][]} [says] what stands on cells whose columns have no headings: what they are
 * @property {string[]} [asides] what is told of the first cells beside their names
 * @property {string} [note] what else is to be known of what they show
 */

/**
 * What a view shows: the first and the last row in sight, and how many rows beyond them are near.
 * @typedef {{ first: number, last: number, near: number }} Sight
 */

/**
 * A grid has two coordinates, row and column. Decoded ahead are the cells that somebody can see.
 * @param {import("@anywidget/types").AnyModel} model
 */
export function createControl(model) {
  /** @type {Map<object, Sight>} by view */
  const sights = new Map();
  return withConditions(model, {
    sights,
    cells: true,
    piece: PIECE,
    /** @returns {number[]} */
    read: () => model.get("value"),
    /** @param {number[]} at */
    write: (at) => model.set("value", at),
    strips: () => [...sights.values()].map((sight) => strip(cellsOf(model), sight)),
  });
}

/**
 * @param {import("@anywidget/types").AnyModel} model
 * @returns {Cells}
 */
export function cellsOf(model) {
  return model.get("_cells");
}

/**
 * The nearest of the places from 0 to the last.
 * @param {number} place
 * @param {number} last
 */
export function within(place, last) {
  return Math.min(last, Math.max(0, place));
}

/**
 * The cells that a view wants: those in sight first, from the first on, then those near them.
 * @param {Cells} cells
 * @param {Sight} sight
 * @returns {import("../stage/strip.js").Strip}
 */
export function strip(cells, { first, last, near }) {
  const columns = cells.columns.count;
  const end = Math.min(cells.count, (last + 1 + near) * columns);
  /** @type {Map<number, number>} */
  const levels = new Map();
  for (let i = Math.max(0, (first - near) * columns); i < end; i++) {
    levels.set(i, i >= first * columns && i < (last + 1) * columns ? 0 : 1);
  }
  return { levels, thumb: first * columns, at: (i) => placeOf(i, cells) };
}

/**
 * Row and column of a cell.
 * @param {number} index
 * @param {Cells} cells
 */
export function placeOf(index, { columns: { count } }) {
  return [Math.floor(index / count), index % count];
}

/**
 * The cell at a place, if it has a name of its own, as the base of an edit has.
 * @param {number[]} at
 * @param {Cells} cells
 */
export function markOf([row, column], { marks }) {
  return marks.find(([y, x]) => y === row && x === column);
}

/** @param {number[]} at @param {Cells} cells */
function indexOf([row, column], { columns }) {
  return row * columns.count + column;
}

/** @param {number[]} at @param {Cells} cells */
function nameOf([row, column], { says = [] }) {
  return says.find(([y, x]) => y === row && x === column)?.[2];
}

/** @param {number[]} at @param {Cells} cells @returns {string | undefined} */
function asideOf(at, cells) {
  return cells.asides?.[indexOf(at, cells)];
}

/**
 * What stands on the cell at a place.
 * @param {number[]} at
 * @param {Cells} cells
 */
export function saidOf(at, cells) {
  return nameOf(at, cells) ?? asideOf(at, cells);
}

/** Whether something stands on cells. @param {Cells} cells */
export function areTold({ says, asides }) {
  return !!(says?.length || asides?.length);
}

/**
 * Say where a place is.
 * @param {number[]} at
 * @param {Cells} cells
 */
export function words(at, cells) {
  const [row, column] = at;
  const mark = markOf(at, cells);
  if (mark) return mark[2];
  const own = nameOf(at, cells) ?? along(column, cells.columns);
  const said = [along(row, cells.rows), own].filter(Boolean).join(", ");
  return [said || `cell ${indexOf(at, cells)}`, asideOf(at, cells)].filter(Boolean).join(", ");
}

/**
 * @param {number} place
 * @param {Axis} axis
 */
function along(place, { title, names, ticks, unit, noun = "", signed = true }) {
  if (ticks.length === 0) return `${noun} ${names[Math.round(place)] ?? ""}`.trim();
  const low = Math.min(Math.floor(place), ticks.length - 1);
  const high = Math.min(low + 1, ticks.length - 1);
  const number = ticks[low] + (place - low) * (ticks[high] - ticks[low]);
  const size = signed
    ? Math.abs(number).toFixed(2)
    : String(Number(Math.abs(number).toPrecision(4)));
  const text = `${number < 0 ? "−" : signed ? "+" : ""}${size}`;
  return `${title} ${text} ${unit}`.trim();
}

/**
 * What a heading is called, for who does not see the title of its axis beside it.
 * @param {Axis} axis
 * @param {string} name
 */
export function headed({ title }, name) {
  return title && !name.startsWith(title) ? `${title} ${name}` : name;
}
