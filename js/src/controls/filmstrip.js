import { element } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";

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
 * @param {import("../stage/stage.js").Stage} stage
 * @param {(t: number) => void} onPick
 * @param {AbortSignal} signal
 */
export function createFilmstrip(stage, onPick, signal) {
  const strip = element("div", {
    class: "lw-filmstrip",
    role: "group",
    "aria-label": "Pictures along the path",
  });
  /** @type {{ t: number, button: HTMLButtonElement, refresh: () => void }[]} */
  let cells = [];
  let lifetime = new AbortController();
  signal.addEventListener("abort", () => lifetime.abort());

  function build() {
    lifetime.abort();
    lifetime = new AbortController();
    cells = places(stage.model.get("filmstrip")).map((t) => {
      const cell = stage.kind.create("lw-cell", lifetime.signal, true);
      const label = `t = ${Number(t.toFixed(3))}`;
      const button = element(
        "button",
        { type: "button", class: "lw-film", title: label, "aria-label": `Go to ${label}` },
        [cell],
      );
      button.addEventListener("click", () => onPick(t), { signal: lifetime.signal });
      /** @type {import("../frames/store.js").StoredFrame | undefined} */
      let painted;
      const repaint = createPainter(
        cell,
        stage.kind,
        () => {
          const frame = stage.store.get(stage.line, [t]);
          if (frame?.bitmap) painted = frame;
          return painted;
        },
        (frame) => frame.lossless && frame.line === stage.line,
        lifetime.signal,
      );
      /** @type {typeof painted} the frame that is painted or will be */
      let wanted;
      // Painted as soon as it is ready: what is painted need not stay ready, and where memory
      // is short it does not.
      const refresh = () => {
        const frame = stage.store.get(stage.line, [t]);
        const stale = painted?.line !== stage.line;
        button.classList.toggle("lw-empty", stale && !frame?.bitmap);
        if (stale) cell.dataset.lwExact = "false";
        if (!frame || frame === wanted) return;
        wanted = frame;
        stage.store.ready(frame).then(repaint, () => {});
      };
      return { t, button, refresh };
    });
    strip.replaceChildren(...cells.map(({ button }) => button));
    strip.hidden = cells.length === 0;
    update();
  }

  // One tab stop for the whole strip; the arrows move along it.
  strip.addEventListener(
    "keydown",
    (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const next = step && cells[cells.findIndex(({ button }) => button.tabIndex === 0) + step];
      if (!next) return;
      event.preventDefault();
      onPick(next.t);
      update();
      next.button.focus();
    },
    { signal },
  );

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

  build();
  return { strip, build, update };
}
