import { ownAt, under } from "../controls/conditions.js";
import { peek } from "../controls/view.js";
import { atEnd, element } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";
import { Place } from "../stage/place.js";
import { cellsOf, placeOf, words } from "./control.js";

/** Who looks at a cell for this long wants to see every pixel of it: the exact frame is asked for. */
const DWELL_MS = 150;

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */

/**
 * The picture beside the cells: the cell that is pointed at, enlarged; or else the one that was
 * chosen last, until the grid moves; or else the place where the grid is (its `value`).
 * @param {Stage} stage
 * @param {AbortSignal} signal
 */
export function createLoupe(stage, signal) {
  const { kind, model } = stage;
  const picture = kind.create("lw-picture", signal);
  picture.role = kind.role;
  const caption = element("div", { class: "lw-caption lw-known" });
  const place = new Place(model, stage.store, stage.at);
  /** @type {number | null} the cell that the mouse or the focus is on */
  let pointed = null;
  /** @type {number | null} the cell that was chosen last */
  let held = null;
  /** Where the grid was then. */
  let grid = "";
  /** @type {string | undefined} of which cell the exact frame was asked for, or needed not be */
  let asked;
  let timer = 0;

  const gridNow = () => `${stage.route} ${ownAt(stage)}`;

  /** The cell that is shown, as row and column, if it is one; and the place goes there. */
  function go() {
    if (grid !== gridNow()) held = null;
    const index = pointed ?? held;
    const cell = index === null ? undefined : placeOf(index, cellsOf(model));
    place.go(under(stage, cell ?? ownAt(stage)));
    place.grab(stage.axis);
    return cell;
  }

  /** @returns {StoredFrame | undefined} of a cell nothing but itself, since others are no stand-in */
  function choose() {
    const cell = go();
    if (!cell) return stage.frame();
    const found = place.nearest(({ at }) => cell.every((x, i) => x === at[i]));
    if (found && stage.readied(found)) return found;
  }

  /** @param {StoredFrame} frame */
  const isExact = (frame) => place.isExact(frame);

  const repaint = createPainter(picture, kind, choose, isExact, signal, (at) => at);

  /** @param {number | null} index */
  function point(index) {
    if (index === pointed) return;
    pointed = index;
    show();
    peek(picture, pointed !== null);
  }

  /** @param {number | null} index of the cell that was chosen; null where none is any more */
  function hold(index) {
    held = index;
    grid = gridNow();
    show();
  }

  function show() {
    follow();
    repaint();
  }

  function follow() {
    const cell = go();
    const { at } = place;
    const said = words(at, cellsOf(model));
    const frame = cell && stage.store.get(stage.route, at);
    caption.textContent = frame?.draft ? `${said} · draft` : said;
    picture.ariaLabel = `${kind.word}, ${said}`;
    const wanted = cell && `${stage.route} ${at}`;
    if (wanted === asked) return;
    asked = wanted;
    clearTimeout(timer);
    if (cell && !frame?.lossless) {
      timer = setTimeout(() => stage.askBeside("loupe", at), DWELL_MS);
    }
  }

  atEnd(signal, () => clearTimeout(timer));
  /** What all that is said of the picture goes by. */
  const subject = {
    frame: choose,
    isExact,
    get at() {
      return place.at;
    },
  };
  return { picture, caption, place, subject, point, hold, follow, repaint };
}
