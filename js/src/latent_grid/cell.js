import { under } from "../controls/conditions.js";
import { element } from "../dom/element.js";
import { distance } from "../frames/store.js";
import { cellsOf, markOf, placeOf, saidOf, words } from "./control.js";

/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */

/** What is said of a cell whose conditions have changed since it was painted. */
const LATE = "still as before: decoding";

/**
 * One cell: its element, for mouse, keys and screen readers, and the frame that is painted there.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {number} index
 * @param {(opened: import("../frames/kind.js").Opened) => void} draw draws a picture there
 */
export function createCell(stage, index, draw) {
  const { at, box } = createBox(cellsOf(stage.model), index);
  let told = "";
  /** @type {StoredFrame | undefined} */
  let painted;

  /**
   * Say what is the matter.
   * @param {string} words empty where nothing is
   * @param {boolean} failed whether it could not be decoded; else it is still as before
   */
  function tell(words, failed) {
    if (words === told) return;
    told = words;
    box.classList.toggle("lw-failed", failed);
    box.classList.toggle("lw-late", words !== "" && !failed);
    box.title = words;
  }

  /** Paint what has come. */
  function paint() {
    const here = under(stage, at);
    const right = painted?.route === stage.route && distance(painted.at, here) === 0;
    if (right && painted?.lossless) return tell("", false);
    const frame = stage.store.get(stage.route, here);
    if (painted && !right) box.dataset.lwExact = "false";
    const fault = frame ? undefined : stage.faults.get(here.join());
    const late = Boolean(painted) && !right && !frame?.bitmap;
    tell(fault ?? (late ? LATE : ""), fault !== undefined);
    if (!frame || frame === painted) return;
    if (frame.bitmap) show(frame, frame.bitmap);
    else stage.readied(frame);
  }

  /** @param {StoredFrame} frame @param {import("../frames/kind.js").Opened} opened */
  function show(frame, opened) {
    draw(opened);
    box.dataset.lwExact = String(frame.lossless);
    box.dataset.lwSeq = String(frame.seq);
    if (frame.draft || painted?.draft) {
      box.classList.toggle("lw-rough", frame.draft > 0);
      box.title = frame.draft ? "a draft" : "";
    }
    if (!painted) box.classList.remove("lw-blank");
    painted = frame;
  }

  /** What was painted is no longer there. */
  function clear() {
    painted = undefined;
    box.classList.add("lw-blank");
    box.dataset.lwExact = "false";
  }

  /**
   * Show whether it is chosen, and whether the keys are there.
   * @param {{ focused: number, selection: Set<number>, here: string }} marks
   */
  function mark({ focused, selection, here }) {
    box.tabIndex = index === focused ? 0 : -1;
    box.ariaSelected = String(selection.has(index));
    box.classList.toggle("lw-here", at.join() === here);
  }

  return { box, paint, clear, mark };
}

/** @param {import("./control.js").Cells} all @param {number} index */
function createBox(all, index) {
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
  return { at, box };
}
