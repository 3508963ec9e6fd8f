import { under } from "../controls/conditions.js";
import { element } from "../dom/element.js";
import { distance } from "../frames/store.js";
import { cellsOf, headed, markOf, placeOf, saidOf, words } from "./control.js";
import { createMosaic } from "./mosaic.js";

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */
/** What is said of a cell whose conditions have changed since it was painted. */
const LATE = "still as before: decoding";

/**
 * One row of cells: an element for each, for mouse, keys and screen readers, and their frames.
 * @param {Stage} stage
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
  const cells = Array.from({ length: count }, (_, i) => cell(start + i));
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

  /** @param {number} index */
  function cell(index) {
    const at = placeOf(index, all);
    const box = element("div", {
      class: `lw-box lw-blank${markOf(at, all) ? " lw-special" : ""}`,
      role: "gridcell",
      "aria-colindex": at[1] + 1,
      "aria-label": words(at, all),
      "data-lw-index": index,
      "data-lw-value": JSON.stringify(at),
      "data-lw-exact": "false",
    });
    const said = saidOf(at, all);
    if (said !== undefined) {
      box.classList.add("lw-titled");
      box.append(element("span", { class: "lw-said", text: said, title: said }));
    }
    return { at, box, told: "", painted: /** @type {StoredFrame | null} */ (null) };
  }

  /** @param {HTMLElement} box */
  function fill(box) {
    const made = kind.create("lw-cell", lifetime.signal, true);
    box.prepend(made);
    return made;
  }

  /**
   * Say what is the matter with a cell.
   * @param {{ box: HTMLElement, told: string }} cell
   * @param {string} words empty where nothing is
   * @param {boolean} failed whether it could not be decoded; else it is still as before
   */
  function tell(cell, words, failed) {
    if (words === cell.told) return;
    cell.told = words;
    cell.box.classList.toggle("lw-failed", failed);
    cell.box.classList.toggle("lw-late", words !== "" && !failed);
    cell.box.title = words;
  }

  /** Paint what has come. */
  function paint() {
    for (const [i, cell] of cells.entries()) {
      const { at, box, painted } = cell;
      const here = under(stage, at);
      const right = painted?.route === stage.route && distance(painted.at, here) === 0;
      if (right && painted?.lossless) {
        tell(cell, "", false);
        continue;
      }
      const frame = stage.store.get(stage.route, here);
      if (painted && !right) box.dataset.lwExact = "false";
      const fault = frame ? undefined : stage.faults.get(here.join());
      const late = Boolean(painted) && !right && !frame?.bitmap;
      tell(cell, fault ?? (late ? LATE : ""), fault !== undefined);
      if (!frame || frame === painted) continue;
      if (!frame.bitmap) {
        stage.readied(frame);
        continue;
      }
      onDraw(frame.bitmap);
      if (mosaic) mosaic.draw(i, /** @type {any} */ (frame.bitmap));
      else kind.paint(shown[i], frame.bitmap);
      box.dataset.lwExact = String(frame.lossless);
      box.dataset.lwSeq = String(frame.seq);
      if (frame.draft || painted?.draft) {
        box.classList.toggle("lw-rough", frame.draft > 0);
        box.title = frame.draft ? "a draft" : "";
      }
      if (!painted) box.classList.remove("lw-blank");
      cell.painted = frame;
    }
  }

  /**
   * Show what is chosen, and where the keys are.
   * @param {{ focused: number, selection: Set<number>, here: string }} marks
   */
  function mark({ focused, selection, here }) {
    for (const [i, { at, box }] of cells.entries()) {
      const index = start + i;
      box.tabIndex = index === focused ? 0 : -1;
      box.ariaSelected = String(selection.has(index));
      box.classList.toggle("lw-here", at.join() === here);
    }
  }

  /**
   * @param {import("./sizes.js").Sizes} sizes
   * @returns {boolean} whether its pictures had to be painted anew
   */
  function arrange(sizes) {
    line.style.top = `${row * sizes.down}px`;
    if (!mosaic?.resize(sizes, Boolean(model.get("smooth")))) return false;
    for (const cell of cells) {
      cell.painted = null;
      cell.box.classList.add("lw-blank");
      cell.box.dataset.lwExact = "false";
    }
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
