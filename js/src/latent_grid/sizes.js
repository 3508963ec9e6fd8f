/** Between cells, in CSS pixels. */
const GAP = 2;
/** Cells shrink no further than this to fit in. */
export const LEAST = 24;
/** A heading takes this many characters at most, and each of them about so many CSS pixels. */
const LETTERS = 16;
const LETTER = 7.5;

/**
 * In CSS pixels.
 * @typedef {object} Sizes
 * @property {number} size how wide a cell is
 * @property {number} high how high
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
export function measure({ rows, columns }, size, aspect, head) {
  const high = Math.round(size * aspect);
  const [across, down] = [size + GAP, high + GAP];
  return {
    size,
    high,
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
export function fitting({ columns }, wanted, room) {
  if (room <= 0) return wanted;
  return Math.min(wanted, Math.max(LEAST, Math.floor(room / columns.count) - GAP));
}

/**
 * How wide the headings of rows are.
 * @param {string[]} names
 */
export function headOf(names) {
  const longest = Math.max(0, ...names.map((name) => name.length));
  return longest && Math.ceil((Math.min(longest, LETTERS) + 1) * LETTER);
}
