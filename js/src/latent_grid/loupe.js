import { under } from "../controls/conditions.js";
import { peek } from "../controls/view.js";
import { element } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";
import { cellsOf, placeOf, words } from "./control.js";

/** Who points at a cell for this long wants to see every pixel of it: the exact frame is asked for. */
const DWELL_MS = 150;

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */

/**
 * The picture beside the cells: the cell that is pointed at, enlarged, or else the place where the
 * grid is (its `value`).
 * @param {Stage} stage
 * @param {AbortSignal} signal
 */
export function createLoupe(stage, signal) {
  const { kind } = stage;
  const picture = kind.create("lw-picture", signal);
  picture.role = kind.role;
  const caption = element("div", { class: "lw-caption lw-known" });
  /** @type {number[] | null} */
  let pointed = null;
  let timer = 0;

  /** @returns {StoredFrame | undefined} */
  function choose() {
    const frame = pointed && stage.store.get(stage.route, under(stage, pointed));
    if (!frame) return stage.frame();
    return stage.readied(frame) ? frame : undefined;
  }

  const repaint = createPainter(
    picture,
    kind,
    choose,
    (frame) => (pointed ? frame.lossless : stage.isExact(frame)),
    signal,
    (at) => at,
  );

  /** @param {number | null} index */
  function point(index) {
    const place = index === null ? null : placeOf(index, cellsOf(stage.model));
    if (place?.join() === pointed?.join()) return;
    clearTimeout(timer);
    pointed = place;
    follow();
    repaint();
    peek(picture, pointed !== null);
    if (pointed && !stage.store.get(stage.route, under(stage, pointed))?.lossless) {
      timer = setTimeout(askExact, DWELL_MS);
    }
  }

  function askExact() {
    if (pointed) stage.askBeside("loupe", under(stage, pointed));
  }

  function follow() {
    const said = words(pointed ?? stage.at, cellsOf(stage.model));
    const frame = pointed && stage.store.get(stage.route, under(stage, pointed));
    caption.textContent = frame?.draft ? `${said} · draft` : said;
    picture.ariaLabel = `${kind.word}, ${said}`;
  }

  signal.addEventListener("abort", () => clearTimeout(timer));
  return { picture, caption, point, follow, repaint };
}
