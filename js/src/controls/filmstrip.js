import { atEnd, element } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";
import { distance } from "../frames/store.js";
import { under } from "./conditions.js";

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */

/**
 * Where the pictures of a filmstrip are.
 * @param {number} count
 */
export function places(count) {
  return Array.from({ length: count }, (_, i) => (i > 0 ? i / (count - 1) : 0));
}

/**
 * Small pictures along the path; one that is clicked is where the thumb goes. A place stays
 * empty until the frame for exactly that place has been decoded.
 * @param {Stage} stage
 * @param {(t: number) => void} onPick
 * @param {AbortSignal} signal
 */
export function createFilmstrip(stage, onPick, signal) {
  const strip = element("div", {
    class: "lw-filmstrip",
    role: "group",
    "aria-label": `${stage.kind.word}s along the path`,
  });
  /** @type {ReturnType<typeof createCell>[]} */
  let cells = [];
  let lifetime = new AbortController();
  atEnd(signal, () => lifetime.abort());

  function build() {
    lifetime.abort();
    lifetime = new AbortController();
    cells = places(stage.model.get("filmstrip")).map((t) =>
      createCell(stage, t, onPick, lifetime.signal),
    );
    strip.replaceChildren(...cells.map(({ button }) => button));
    strip.hidden = cells.length === 0;
    update();
  }

  /**
   * One tab stop for the whole strip; the arrows move along it.
   * @param {KeyboardEvent} event
   */
  function press(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const next = step && cells[cells.findIndex(({ button }) => button.tabIndex === 0) + step];
    if (!next) return;
    event.preventDefault();
    onPick(next.t);
    update();
    next.button.focus();
  }

  function update() {
    const at = stage.at[0] ?? 0;
    const gaps = cells.map(({ t }) => Math.abs(t - at));
    const nearest = gaps.indexOf(Math.min(...gaps));
    for (const [i, { button, refresh }] of cells.entries()) {
      button.tabIndex = i === nearest ? 0 : -1;
      if (i === nearest) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      refresh();
    }
  }

  strip.addEventListener("keydown", press, { signal });
  build();
  return { strip, build, update };
}

/**
 * One of the pictures, as a button that goes there.
 * @param {Stage} stage
 * @param {number} t its place on the path
 * @param {(t: number) => void} onPick
 * @param {AbortSignal} signal
 */
function createCell(stage, t, onPick, signal) {
  const cell = stage.kind.create("lw-cell", signal, true);
  const label = `t = ${Number(t.toFixed(3))}`;
  const button = element(
    "button",
    { type: "button", class: "lw-film", title: label, "aria-label": `Go to ${label}` },
    [cell],
  );
  /** @type {StoredFrame | undefined} */
  let painted;
  /** @type {StoredFrame | undefined} the frame that is painted or will be */
  let wanted;
  const repaint = createPainter(
    cell,
    stage.kind,
    () => {
      const frame = stage.store.get(stage.route, under(stage, [t]));
      if (frame?.bitmap) painted = frame;
      return painted;
    },
    (frame) =>
      frame.lossless && frame.route === stage.route && distance(frame.at, under(stage, [t])) === 0,
    signal,
  );

  /**
   * Have a frame that has come painted as soon as it is ready: what is painted need not stay
   * ready, and where memory is short it does not.
   */
  function refresh() {
    const frame = stage.store.get(stage.route, under(stage, [t]));
    const stale = painted?.route !== stage.route || distance(painted.at, under(stage, [t])) !== 0;
    button.classList.toggle("lw-empty", stale && !frame?.bitmap);
    button.classList.toggle("lw-unfinished", Boolean(frame?.draft));
    button.title = frame?.draft ? `${label}, a draft` : label;
    if (stale) cell.dataset.lwExact = "false";
    if (!frame || frame === wanted) return;
    wanted = frame;
    stage.store.ready(frame).then(repaint, () => {});
  }

  button.addEventListener("click", () => onPick(t), { signal });
  return { t, button, refresh };
}
