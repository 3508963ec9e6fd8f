import { areTold } from "./control.js";

/** Between cells, in CSS pixels. */
const GAP = 2;
/** Cells shrink no further than this to fit in. */
export const LEAST = 24;
/** Under a name, no further than this: it could not be read. */
const LEAST_NAMED = 48;
/** Over a distance, "12.34 away", they are no narrower than that is. */
const LEAST_TOLD = 70;
/** How high a line is that stands on a cell. */
const SAID = 16;
/** A heading takes this many characters at most, and each of them about so many CSS pixels. */
const LETTERS = 16;
const LETTER = 8;
/** What lies beside the letters of a heading. */
const BESIDE = 10;

/**
 * In CSS pixels.
 * @typedef {object} Sizes
 * @property {number} size how wide a cell is
 * @property {number} high how high its picture is
 * @property {number} said how high what it says under that is
 * @property {number} across how far it is to the next one
 * @property {number} down how far to the one below
 * @property {number} head how wide the headings of rows are
 * @property {number} width how wide all cells and headings are together
 * @property {number} height how high
 */

/**
 * Measure a grid.
 * @param {import("./control.js").Cells} cells
 * @param {number} size how wide a cell is
 * @param {number} aspect height of a cell by its width
 * @param {number} head how wide the headings of rows are
 * @returns {Sizes}
 */
export function measure(cells, size, aspect, head) {
  const { rows, columns } = cells;
  const high = Math.round(size * aspect);
  const said = areTold(cells) ? SAID : 0;
  const [across, down] = [size + GAP, high + said + GAP];
  return {
    size,
    high,
    said,
    across,
    down,
    head,
    width: head + columns.count * across - GAP,
    height: rows.count * down - GAP,
  };
}

/**
 * How wide cells are that fit into a room, if they may be no wider than is wanted.
 * @param {import("./control.js").Cells} cells
 * @param {number} wanted
 * @param {number} room 0 or less where it is not known yet
 */
export function fitting(cells, wanted, room) {
  const { columns } = cells;
  if (room <= 0) return wanted;
  const named = columns.names.length || areTold(cells);
  const least = named ? LEAST_NAMED : LEAST;
  const fits = Math.min(wanted, Math.max(least, Math.floor(room / columns.count) - GAP));
  return cells.asides?.length ? Math.max(LEAST_TOLD, fits) : fits;
}

/**
 * How wide the headings of rows are.
 * @param {string[]} names
 */
export function headOf(names) {
  const longest = Math.max(0, ...names.map((name) => name.length));
  return longest && Math.min(longest, LETTERS) * LETTER + BESIDE;
}
