import { element } from "../dom/element.js";
import { createCell } from "./cell.js";
import { cellsOf, headed } from "./control.js";
import { createMosaic } from "./mosaic.js";

/**
 * One row of cells, and the pictures in them: drawn together, on a mosaic, or each in an element.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {number} row
 * @param {number} position of the row to a screen reader
 * @param {HTMLCanvasElement} scratch see `createMosaic`
 * @param {(opened: import("../frames/kind.js").Opened) => void} onDraw told of every picture before it is drawn
 */
export function createRow(stage, row, position, scratch, onDraw) {
  const { kind, model } = stage;
  const all = cellsOf(model);
  const start = row * all.columns.count;
  const count = Math.min(all.columns.count, all.count - start);
  const lifetime = new AbortController();
  const cells = Array.from({ length: count }, (_, i) =>
    createCell(stage, start + i, (opened) => draw(i, opened)),
  );
  const boxes = cells.map(({ box }) => box);
  const mosaic = kind.pixels ? createMosaic(count, scratch) : null;
  const shown = mosaic ? [] : boxes.map(fill);
  const name = all.rows.names[row];
  const line = element(
    "div",
    { class: "lw-gridrow", role: "row", "aria-rowindex": position },
    boxes,
  );
  if (name !== undefined) {
    const head = { class: "lw-rowhead", role: "rowheader", text: name, title: name };
    line.prepend(element("span", { ...head, "aria-label": headed(all.rows, name) }));
  }
  if (mosaic) line.prepend(mosaic.root);

  /** @param {HTMLElement} box */
  function fill(box) {
    const made = kind.create("lw-cell", lifetime.signal, true);
    box.prepend(made);
    return made;
  }

  /** @param {number} i @param {import("../frames/kind.js").Opened} opened */
  function draw(i, opened) {
    onDraw(opened);
    if (mosaic) mosaic.draw(i, /** @type {any} */ (opened));
    else kind.paint(shown[i], opened);
  }

  /** Paint what has come. */
  function paint() {
    for (const cell of cells) cell.paint();
  }

  /**
   * Show what is chosen, and where the keys are.
   * @param {Parameters<ReturnType<typeof createCell>["mark"]>[0]} marks
   */
  function mark(marks) {
    for (const cell of cells) cell.mark(marks);
  }

  /**
   * @param {import("./sizes.js").Sizes} sizes
   * @returns {boolean} whether its pictures had to be painted anew
   */
  function arrange(sizes) {
    line.style.top = `${row * sizes.down}px`;
    if (!mosaic?.resize(sizes, Boolean(model.get("smooth")))) return false;
    for (const cell of cells) cell.clear();
    paint();
    return true;
  }

  return {
    line,
    paint,
    mark,
    arrange,
    /** @param {number} index */
    box: (index) => boxes[index - start],
    drop() {
      lifetime.abort();
      line.remove();
    },
  };
}
