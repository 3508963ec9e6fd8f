import { element } from "../dom/element.js";
import { createOverlay, paintMarks } from "./marks.js";
import { Picker } from "./picker.js";

/** jupyter-scatter draws with the next repaint; after this long it will not. */
const START_MS = 15_000;
/** A press that moves further than this, in CSS pixels, is a drag. */
const DRAG_PX = 4;
/** The mouse is over a point that is no further away than this, in CSS pixels. */
const REACH_PX = 8;
const APPLE = /mac|iphone|ipad/i.test(navigator.platform);
const NO_DRAWING =
  "The map could not be drawn: this browser gives no WebGL, or jupyter-scatter did not start.";

/**
 * What of regl-scatterplot, by which jupyter-scatter draws, is used here. Places are in [-1, 1].
 * @typedef {object} Plot
 * @property {(name: string) => any} get
 * @property {(options: Record<string, any>) => void} set
 * @property {(name: string, listener: Function) => void} subscribe
 * @property {(target: number[], distance: number, options?: Record<string, any>) => void} zoomToLocation
 * @property {(rows: number[], options?: { merge?: boolean, remove?: boolean }) => void} select
 * @property {() => void} deselect
 */

/**
 * One view of the scatter plot, and what is drawn over it.
 * @param {object} options
 * @param {any} options.host anywidget's, which renders child widgets
 * @param {string} options.ground refers to the child
 * @param {(place: [number, number], row: number | null) => void} options.onClick
 * @param {(row: number | null) => void} options.onHover
 * @param {() => import("./marks.js").Marks} options.marks
 * @param {(mode: string) => void} options.onMode "panZoom" or "lasso"
 * @param {() => void} options.onSelect called when a person selects, here
 * @param {(message: string) => void} options.onError
 * @param {AbortSignal} options.signal
 */
export function createChart(options) {
  const { host, ground, onClick, onHover, marks, onMode, onSelect, onError, signal } = options;
  const box = element("div", { class: "lw-ground" });
  const overlay = createOverlay();
  /** @type {Plot | null} */
  let plot = null;
  /** @type {any} the child's model */
  let child = null;
  /** @type {Picker | null} */
  let picker = null;
  let request = 0;
  let pressed = [0, 0];
  let dragged = false;
  /** From how far away the whole square is in view; the height of the map is 2 from 1 away. */
  let away = 1;

  async function start() {
    child = await host.getModel(ground);
    child.on("change:mouse_mode", followMode);
    child.on("change:points", () => {
      picker = null;
    });
    followMode();
    const widget = await host.getWidget(ground);
    await widget.render({ el: box, signal });
    const { api, container } = await found(box, signal);
    plot = api;
    api.set({ actionKeyMap: { lasso: "shift", merge: APPLE ? "meta" : "ctrl", remove: "alt" } });
    for (const name of ["select", "deselect"]) api.subscribe(name, onSelect);
    // It learns of a new size after we do: what is drawn over it waits for it.
    api.subscribe("draw", redraw);
    container.append(overlay);
    const sizes = new ResizeObserver(() => {
      if (box.clientWidth === 0) return; // in a tab behind another one
      if (isHome(api)) home(api);
      redraw();
    });
    sizes.observe(box);
    signal.addEventListener("abort", () => sizes.disconnect());
    box.dataset.lwReady = "true";
    redraw();
  }

  function followMode() {
    box.dataset.lwMode = child.get("mouse_mode");
    onMode(child.get("mouse_mode"));
  }

  function points() {
    const { view, shape } = child.get("points");
    const { buffer, byteOffset, byteLength } = view;
    const aligned = byteOffset % 4 === 0;
    const bytes = aligned ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
    return {
      numbers: new Float32Array(bytes, aligned ? byteOffset : 0, byteLength / 4),
      stride: shape[1],
    };
  }

  /**
   * @param {Plot} plot
   * @param {MouseEvent} event
   */
  function under(plot, { clientX, clientY }) {
    const { left, top } = overlay.getBoundingClientRect();
    const [scaleX, scaleY] = [plot.get("xScale"), plot.get("yScale")];
    const x = scaleX.invert(clientX - left);
    const y = scaleY.invert(clientY - top);
    const reach = Math.abs(scaleX.invert(REACH_PX) - scaleX.invert(0));
    if (!picker) {
      const { numbers, stride } = points();
      picker = new Picker(numbers, stride);
    }
    return { x, y, row: picker.nearest(x, y, reach) };
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const { clientX, clientY } = event;
    dragged ||= Math.hypot(clientX - pressed[0], clientY - pressed[1]) > DRAG_PX;
    if (plot && event.buttons === 0) onHover(under(plot, event).row);
  }

  /** @param {MouseEvent} event */
  function click(event) {
    if (!plot) return;
    // jupyter-scatter would replace the selection by the point that is clicked.
    event.stopPropagation();
    if (dragged) return;
    const { altKey } = event;
    const { x, y, row } = under(plot, event);
    const merge = APPLE ? event.metaKey : event.ctrlKey;
    if (!merge && !altKey) onClick([x, y], row);
    else if (row !== null) plot.select([row], altKey ? { remove: true } : { merge });
  }

  /** @param {PointerEvent} event */
  function press({ clientX, clientY }) {
    pressed = [clientX, clientY];
    dragged = false;
  }

  /** @param {Plot} plot */
  function isHome(plot) {
    const [x, y] = plot.get("cameraTarget");
    return Math.hypot(x, y, plot.get("cameraDistance") - away) < 1e-3;
  }

  /**
   * Show all points, however narrow the map is.
   * @param {Plot} plot
   * @param {Record<string, any>} [options]
   */
  function home(plot, options) {
    away = Math.max(1, box.clientHeight / box.clientWidth);
    plot.zoomToLocation([0, 0], away, options);
  }

  function redraw() {
    request ||= requestAnimationFrame(() => {
      request = 0;
      if (plot && !signal.aborted) {
        paintMarks(overlay, plot.get("xScale"), plot.get("yScale"), marks());
      }
    });
  }

  box.addEventListener("pointerdown", press, { signal, capture: true });
  box.addEventListener("pointermove", move, { signal });
  box.addEventListener("pointerleave", () => onHover(null), { signal });
  box.addEventListener("click", click, { signal, capture: true });
  start().catch((error) => {
    if (!signal.aborted) onError(error.message ?? String(error));
  });
  signal.addEventListener("abort", () => cancelAnimationFrame(request));

  return {
    box,
    redraw,
    /** @param {number} row @returns {[number, number] | null} its place */
    placeOf(row) {
      if (!child) return null;
      const { numbers, stride } = points();
      return [numbers[row * stride], numbers[row * stride + 1]];
    },
    /** @param {"panZoom" | "lasso"} mode */
    setMode(mode) {
      child?.set("mouse_mode", mode);
      child?.save_changes();
    },
    home() {
      if (plot) home(plot, { transition: true, transitionDuration: 250 });
    },
    clear() {
      plot?.deselect();
    },
    /** @param {number} code select all points of one colour */
    selectColor(code) {
      if (!plot) return;
      const { numbers, stride } = points();
      const rows = [];
      for (let i = 0; i * stride < numbers.length; i++) {
        if (numbers[i * stride + 2] === code) rows.push(i);
      }
      plot.select(rows);
    },
  };
}

/**
 * Wait for what jupyter-scatter hangs on its element once it draws.
 * @param {HTMLElement} box
 * @param {AbortSignal} signal
 * @returns {Promise<{ api: Plot, container: HTMLElement }>}
 */
function found(box, signal) {
  const until = performance.now() + START_MS;
  return new Promise((resolve, reject) => {
    function look() {
      const all = [...box.querySelectorAll("div")];
      const container = /** @type {any} */ (all.find((one) => "api" in one));
      if (container) resolve({ api: container.api, container });
      else if (signal.aborted || performance.now() > until) reject(new Error(NO_DRAWING));
      else requestAnimationFrame(look);
    }
    look();
  });
}
