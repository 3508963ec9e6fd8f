/** @typedef {import("./control.js").Cells} Cells */
/** @typedef {{ shiftKey: boolean, ctrlKey: boolean, metaKey: boolean }} Keys */

/**
 * All cells of the block between two.
 * @param {number} from
 * @param {number} to
 * @param {Cells} cells
 * @returns {number[]} row by row
 */
export function block(from, to, { columns, count }) {
  const row = (/** @type {number} */ i) => Math.floor(i / columns.count);
  const column = (/** @type {number} */ i) => i % columns.count;
  return Array.from({ length: count }, (_, i) => i).filter((i) =>
    [row, column].every((of) => (of(i) - of(from)) * (of(i) - of(to)) <= 0),
  );
}

/**
 * What is chosen after a click on a cell, or a key that led there.
 * @param {number[]} selection
 * @param {number} index
 * @param {number} anchor where a block begins
 * @param {Keys} keys
 * @param {Cells} cells
 * @returns {number[]} the cell itself last, if it is chosen
 */
export function choose(selection, index, anchor, keys, cells) {
  if (keys.shiftKey) {
    const others = block(anchor, index, cells).filter((i) => i !== index);
    return [...others, index];
  }
  if (!keys.ctrlKey && !keys.metaKey) return [index];
  const others = selection.filter((i) => i !== index);
  return others.length < selection.length ? others : [...others, index];
}

/**
 * Where a key leads from a cell, or null where it leads nowhere.
 * @param {number} index
 * @param {KeyboardEvent} event
 * @param {Cells} cells
 * @param {number} page rows that are in sight
 * @returns {number | null}
 */
export function led(index, { key, ctrlKey, metaKey }, { columns: { count: width }, count }, page) {
  const column = index % width;
  const whole = ctrlKey || metaKey;
  const last = Math.floor((count - 1 - column) / width) * width + column;
  /** @type {Record<string, number>} */
  const targets = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - width,
    ArrowDown: index + width,
    Home: whole ? 0 : index - column,
    End: whole ? count - 1 : Math.min(count - 1, index - column + width - 1),
    PageUp: Math.max(column, index - page * width),
    PageDown: Math.min(index + page * width, last),
  };
  if (!(key in targets)) return null;
  const target = targets[key];
  return target >= 0 && target < count ? target : index;
}
