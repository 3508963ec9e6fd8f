import { atEnd, element, listen, onResize } from "../dom/element.js";
import { createOverlay, paintMarks } from "./marks.js";
import { Picker } from "./picker.js";

/** jupyter-scatter draws soon after it is shown; after this long it is not going to. */
const START_MS = 15_000;
/** A press that moves further than this, in CSS pixels, is a drag. */
const DRAG_PX = 4;
/** The mouse is over a point that is no further away than this, in CSS pixels. */
const REACH_PX = 8;
/** How much farther than a path reaches is seen; one that goes farther than this is left alone. */
const EDGE = 1.1;
const FARTHEST = 8;
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
 * What a chart asks and tells.
 * @typedef {object} Hearer
 * @property {() => import("./marks.js").Marks} marks what is to be drawn over the points
 * @property {(place: [number, number], row: number | null) => void} clicked
 * @property {(row: number | null) => void} hovered
 * @property {(mode: string) => void} modeChanged "panZoom" or "lasso"
 * @property {() => void} selected a person has selected points, here
 * @property {(message: string) => void} failed
 */

/**
 * One view of the scatter plot, and what is drawn over it. The plot is a widget of jupyter-scatter,
 * a child of ours.
 */
export class Chart {
  #hearer;
  #signal;
  #overlay = createOverlay();
  /** @type {Plot | null} null until it has started */
  #plot = null;
  /** @type {any} the child's model */
  #child = null;
  /** @type {Picker | null} null until it is needed */
  #picker = null;
  #request = 0;
  #pressed = [0, 0];
  #dragged = false;
  /** Whether somebody may have moved the camera since it was sent to where all is in view. */
  #touched = false;
  /** How far away the camera is when all is in view. From 1 away, it sees a height of 2. */
  #away = 1;

  /**
   * @param {any} host anywidget's, which renders child widgets
   * @param {string} child refers to the plot
   * @param {Hearer} hearer
   * @param {AbortSignal} signal
   */
  constructor(host, child, hearer, signal) {
    this.#hearer = hearer;
    this.#signal = signal;
    /** @readonly what the map is drawn in */
    this.box = element("div", { class: "lw-ground", tabindex: -1 });
    /** Draw the marks anew, with the next repaint of the page. */
    this.redraw = () => {
      this.#request ||= requestAnimationFrame(() => this.#paint());
    };
    this.#listen();
    this.#start(host, child).catch((error) => {
      if (!signal.aborted) hearer.failed(error.message ?? String(error));
    });
    atEnd(signal, () => cancelAnimationFrame(this.#request));
  }

  /**
   * Where a point lies.
   * @param {number} row
   * @returns {[number, number] | null} null before the plot is there
   */
  placeOf(row) {
    if (!this.#child) return null;
    const { numbers, stride } = pointsOf(this.#child);
    return [numbers[row * stride], numbers[row * stride + 1]];
  }

  /**
   * Where some points lie: x and y of each, one after the other; none before the plot is there.
   * @param {Uint32Array} rows
   */
  placesOf(rows) {
    if (!this.#child) return new Float32Array();
    const { numbers, stride } = pointsOf(this.#child);
    const places = new Float32Array(2 * rows.length);
    for (const [i, row] of rows.entries()) {
      places[2 * i] = numbers[row * stride];
      places[2 * i + 1] = numbers[row * stride + 1];
    }
    return places;
  }

  /** @param {"panZoom" | "lasso"} mode what dragging the mouse does */
  setMode(mode) {
    this.#child?.set("mouse_mode", mode);
    this.#child?.save_changes();
  }

  /** Show all points, and all of the path. */
  home() {
    this.#zoomOut({ transition: true, transitionDuration: 250 });
  }

  /** Show all of another path, unless somebody looks at a part of the map. */
  followPath() {
    if (this.#plot && this.#isHome(this.#plot)) this.home();
    this.redraw();
  }

  /** Select nothing. */
  clear() {
    this.#plot?.deselect();
  }

  /** @param {ArrayLike<number>} rows of the points to select */
  select(rows) {
    this.#plot?.select(Array.from(rows));
  }

  /** @param {number} code select all points of this colour */
  selectColor(code) {
    if (!this.#child) return;
    const { numbers, stride } = pointsOf(this.#child);
    const rows = [];
    for (let i = 0; i * stride < numbers.length; i++) {
      if (numbers[i * stride + 2] === code) rows.push(i);
    }
    this.select(rows);
  }

  /**
   * @param {any} host
   * @param {string} ref
   */
  async #start(host, ref) {
    const child = await host.getModel(ref);
    this.#child = child;
    child.on("change:mouse_mode", () => this.#followMode());
    child.on("change:points", () => {
      this.#picker = null;
    });
    this.#followMode();
    const widget = await host.getWidget(ref);
    await widget.render({ el: this.box, signal: this.#signal });
    const { plot, container } = await drawn(this.box, this.#signal);
    this.#plot = plot;
    const tell = (/** @type {string} */ type) => {
      const { length: detail } = plot.get("selectedPoints");
      this.box.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
    };
    plot.set({
      actionKeyMap: { lasso: "shift", merge: APPLE ? "meta" : "ctrl", remove: "alt" },
      deselectOnEscape: false, // wherever on the page that key was pressed
    });
    for (const name of ["select", "deselect"]) {
      plot.subscribe(name, () => this.#hearer.selected());
    }
    // Whoever changed it; the plot, which listened first, knows by now.
    child.on("change:selection", () => tell("lw-selected"));
    plot.subscribe("lassoEnd", () => tell("lw-lasso"));
    // The plot learns of a new size after we do: the marks are drawn when it has drawn its points.
    plot.subscribe("draw", this.redraw);
    container.append(this.#overlay);
    this.#followSize(plot);
    this.#zoomOut();
    this.box.dataset.lwReady = "true";
    this.redraw();
  }

  /** @param {Plot} plot */
  #followSize(plot) {
    const follow = () => {
      if (this.box.clientWidth === 0) return; // in a tab behind another one
      if (this.#isHome(plot)) this.#zoomOut();
      this.redraw();
    };
    onResize(this.box, follow, this.#signal);
  }

  #followMode() {
    const mode = this.#child.get("mouse_mode");
    this.box.dataset.lwMode = mode;
    this.#hearer.modeChanged(mode);
  }

  #paint() {
    this.#request = 0;
    const plot = this.#plot;
    if (!plot || this.#signal.aborted) return;
    paintMarks(this.#overlay, plot.get("xScale"), plot.get("yScale"), this.#hearer.marks());
  }

  /** @param {Plot} plot */
  #isHome(plot) {
    if (!this.#touched) return true; // it may still be on its way there
    const [x, y] = plot.get("cameraTarget");
    return Math.hypot(x, y, plot.get("cameraDistance") - this.#away) < 1e-3;
  }

  /** @param {Record<string, any>} [options] of how the camera moves */
  #zoomOut(options) {
    if (!this.#plot) return;
    // However narrow the map is, all of the square is in view; a path may leave it.
    const { path } = this.#hearer.marks();
    const reach = Math.max(...path.flat().map(Math.abs), 0);
    const farthest = reach > 1 ? Math.min(FARTHEST, EDGE * reach) : 1;
    this.#away = farthest * Math.max(1, this.box.clientHeight / this.box.clientWidth);
    this.#touched = false;
    this.#plot.zoomToLocation([0, 0], this.#away, options);
  }

  #listen() {
    const signal = this.#signal;
    const hover = {
      pointermove: (/** @type {PointerEvent} */ event) => this.#move(event),
      pointerleave: () => this.#hearer.hovered(null),
      keydown: (/** @type {KeyboardEvent} */ { key }) => key === "Escape" && this.clear(),
    };
    listen(this.box, hover, signal);
    // Before the plot hears of them.
    const first = { signal, capture: true };
    const touch = () => {
      this.#touched = true;
    };
    this.box.addEventListener("wheel", touch, { ...first, passive: true });
    this.box.addEventListener("pointerdown", (event) => this.#press(event), first);
    this.box.addEventListener("click", (event) => this.#click(event), first);
  }

  /** @param {PointerEvent} event */
  #press({ clientX, clientY }) {
    this.#pressed = [clientX, clientY];
    this.#dragged = false;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const { clientX, clientY } = event;
    const [x, y] = this.#pressed;
    this.#dragged ||= Math.hypot(clientX - x, clientY - y) > DRAG_PX;
    if (event.buttons !== 0) this.#touched ||= this.#dragged;
    else if (this.#plot) {
      this.#hearer.hovered(this.#under(this.#plot, event).row);
    }
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const plot = this.#plot;
    if (!plot) return;
    // jupyter-scatter would replace the selection by the point that is clicked.
    event.stopPropagation();
    if (this.#dragged) return;
    const { altKey } = event;
    const { place, row } = this.#under(plot, event);
    const merge = APPLE ? event.metaKey : event.ctrlKey;
    if (!merge && !altKey) this.#hearer.clicked(place, row);
    else if (row !== null) plot.select([row], altKey ? { remove: true } : { merge });
  }

  /**
   * The place under the mouse, and the point there.
   * @param {Plot} plot
   * @param {MouseEvent} event
   * @returns {{ place: [number, number], row: number | null }}
   */
  #under(plot, { clientX, clientY }) {
    const { left, top } = this.#overlay.getBoundingClientRect();
    const [scaleX, scaleY] = [plot.get("xScale"), plot.get("yScale")];
    const x = scaleX.invert(clientX - left);
    const y = scaleY.invert(clientY - top);
    const reach = Math.abs(scaleX.invert(REACH_PX) - scaleX.invert(0));
    if (!this.#picker) {
      const { numbers, stride } = pointsOf(this.#child);
      this.#picker = new Picker(numbers, stride);
    }
    return { place: [x, y], row: this.#picker.nearest(x, y, reach) };
  }
}

/**
 * The points as the plot has them: x, y, the code of a colour, and what else there is of each.
 * @param {any} child the plot's model
 */
function pointsOf(child) {
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
 * Wait for what jupyter-scatter hangs on its element once it draws.
 * @param {HTMLElement} box
 * @param {AbortSignal} signal
 * @returns {Promise<{ plot: Plot, container: HTMLElement }>}
 */
function drawn(box, signal) {
  const until = performance.now() + START_MS;
  return new Promise((resolve, reject) => {
    function look() {
      const all = [...box.querySelectorAll("div")];
      const container = /** @type {any} */ (all.find((one) => "api" in one));
      if (container) resolve({ plot: container.api, container });
      else if (signal.aborted || performance.now() > until) reject(new Error(NO_DRAWING));
      else requestAnimationFrame(look);
    }
    look();
  });
}
