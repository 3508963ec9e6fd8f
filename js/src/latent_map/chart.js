import { element } from "../shared/dom.js";

/** jupyter-scatter draws with the next repaint; after this long it will not. */
const START_MS = 15_000;
/** A press that moves further than this, in CSS pixels, is a drag. */
const DRAG_PX = 4;
const APPLE = /mac|iphone|ipad/i.test(navigator.platform);
const NO_DRAWING =
  "The map could not be drawn: this browser gives no WebGL, or jupyter-scatter did not start.";

/**
 * What of regl-scatterplot, by which jupyter-scatter draws, is used here. Places are in [-1, 1].
 * @typedef {object} Plot
 * @property {(name: string) => any} get
 * @property {(name: string, listener: Function) => void} subscribe
 * @property {(options: Record<string, any>) => void} set
 * @property {(options: Record<string, any>) => void} zoomToOrigin
 * @property {(rows: number[]) => void} select
 * @property {() => void} deselect
 */

/**
 * One view of the scatter plot, and what is drawn over it.
 * @param {object} options
 * @param {any} options.host anywidget's, which renders child widgets
 * @param {string} options.ground refers to the child
 * @param {(place: [number, number], row: number | null) => void} options.onClick
 * @param {(row: number | null) => void} options.onHover
 * @param {() => { spot: [number, number], path: [number, number][] }} options.marks in places
 * @param {(message: string) => void} options.onError
 * @param {AbortSignal} options.signal
 */
export function createChart({ host, ground, onClick, onHover, marks, onError, signal }) {
  const box = element("div", { class: "lw-ground" });
  const overlay = element("canvas", { class: "lw-overlay" });
  /** @type {Plot | null} */
  let plot = null;
  /** @type {any} the child's model */
  let child = null;
  let request = 0;

  async function start() {
    const widget = await host.getWidget(ground);
    child = await host.getModel(ground);
    await widget.render({ el: box, signal });
    const { api, container } = await found(box, signal);
    plot = api;
    api.set({ actionKeyMap: { lasso: "shift", merge: APPLE ? "meta" : "ctrl", remove: "alt" } });
    api.subscribe("view", redraw);
    container.append(overlay);
    const sizes = new ResizeObserver(redraw);
    sizes.observe(container);
    signal.addEventListener("abort", () => sizes.disconnect());
    child.on("change:hovering", () => onHover(child.get("hovering")));
    child.on("change:mouse_mode", followMode);
    followMode();
    box.dataset.lwReady = "true";
    redraw();
  }

  function followMode() {
    box.dataset.lwMode = child.get("mouse_mode");
    for (const listener of modeListeners) listener(child.get("mouse_mode"));
  }
  /** @type {((mode: string) => void)[]} */
  const modeListeners = [];

  let pressed = [0, 0];
  box.addEventListener(
    "pointerdown",
    ({ clientX, clientY }) => {
      pressed = [clientX, clientY];
    },
    { signal, capture: true },
  );
  // Before jupyter-scatter hears of it: a click there would replace the selection by one point.
  box.addEventListener("click", click, { signal, capture: true });

  /** @param {MouseEvent} event */
  function click(event) {
    const { clientX, clientY } = event;
    // With these keys it adds a point to the selection, or takes it out.
    if (!plot || event.altKey || (APPLE ? event.metaKey : event.ctrlKey)) return;
    event.stopPropagation();
    const drag = Math.hypot(clientX - pressed[0], clientY - pressed[1]) > DRAG_PX;
    if (drag) return;
    const { left, top } = overlay.getBoundingClientRect();
    const x = plot.get("xScale").invert(clientX - left);
    const y = plot.get("yScale").invert(clientY - top);
    onClick([x, y], child.get("hovering") ?? null);
  }

  function redraw() {
    request ||= requestAnimationFrame(() => {
      request = 0;
      if (plot && !signal.aborted) paint(overlay, plot, marks());
    });
  }

  start().catch((error) => {
    if (!signal.aborted) onError(error.message ?? String(error));
  });
  signal.addEventListener("abort", () => cancelAnimationFrame(request));

  return {
    box,
    redraw,
    /** @param {number} row @returns {[number, number] | null} its place */
    placeOf(row) {
      const points = child?.get("points");
      if (!points?.view) return null;
      const { buffer, byteOffset } = points.view;
      const [x, y] = new Float32Array(buffer, byteOffset + 4 * points.shape[1] * row, 2);
      return [x, y];
    },
    /** @param {(mode: string) => void} listener */
    onMode(listener) {
      modeListeners.push(listener);
      if (child) listener(child.get("mouse_mode"));
    },
    /** @param {"panZoom" | "lasso"} mode */
    setMode(mode) {
      child?.set("mouse_mode", mode);
      child?.save_changes();
    },
    home() {
      plot?.zoomToOrigin({ transition: true, transitionDuration: 250 });
    },
    clear() {
      plot?.deselect();
    },
    /** @param {number} code select all points of one colour */
    selectColor(code) {
      const points = plot?.get("points") ?? [];
      const rows = [];
      for (let i = 0; i < points.length; i++) if (points[i][2] === code) rows.push(i);
      plot?.select(rows);
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

/**
 * Draw the path and the spot, each with a rim that shows on any colour.
 * @param {HTMLCanvasElement} overlay
 * @param {Plot} plot
 * @param {{ spot: [number, number], path: [number, number][] }} marks
 */
function paint(overlay, plot, { spot, path }) {
  const context = overlay.getContext("2d");
  const { clientWidth: width, clientHeight: height } = overlay;
  if (!context || !width || !height) return;
  const ratio = devicePixelRatio;
  overlay.width = Math.round(width * ratio);
  overlay.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  const style = getComputedStyle(overlay);
  const ink = style.getPropertyValue("--lw-text") || "#000";
  const rim = style.getPropertyValue("--lw-ground") || "#fff";
  const [toX, toY] = [plot.get("xScale"), plot.get("yScale")];
  const points = path.map(([x, y]) => [toX(x), toY(y)]);
  const at = [toX(spot[0]), toY(spot[1])];
  context.lineJoin = context.lineCap = "round";
  for (const [color, extra] of /** @type {[string, number][]} */ ([
    [rim, 3],
    [ink, 0],
  ])) {
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 2 + extra;
    if (points.length > 1) {
      context.beginPath();
      for (const [x, y] of points) context.lineTo(x, y);
      context.stroke();
    }
    for (const [x, y] of [points[0], points.at(-1)].filter((end) => end !== undefined)) {
      context.beginPath();
      context.arc(x, y, 3.5 + extra / 2, 0, 2 * Math.PI);
      context.fill();
    }
    context.beginPath();
    context.arc(at[0], at[1], 8, 0, 2 * Math.PI);
    context.stroke();
  }
  overlay.dataset.lwSpot = JSON.stringify(at);
  overlay.dataset.lwPath = JSON.stringify(points);
}
