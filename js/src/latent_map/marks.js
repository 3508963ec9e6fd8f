import { shape } from "../dom/svg.js";

/** A step of a path that is shorter than this many CSS pixels has no arrow on it. */
const STEP = 20;
/** An arrow to the right, its middle at 0. */
const ARROW = "M-3 -4L3 0L-3 4";

/**
 * What is drawn over the points, in places.
 * @typedef {object} Marks
 * @property {[number, number]} spot where the person is
 * @property {[number, number] | null} over what the mouse is over
 * @property {[number, number][]} path
 */

/** @typedef {(place: number) => number} Scale from a place to CSS pixels */

/** The drawing over the map. Its colours are in the style sheet, so that they follow the theme. */
export function createOverlay() {
  return /** @type {SVGElement} */ (shape("svg", { class: "lw-overlay", "aria-hidden": "true" }));
}

/**
 * Draw the marks twice: first, wider, as rims under all of them, so that they show on any colour.
 * @param {SVGElement} overlay
 * @param {Scale} toX
 * @param {Scale} toY
 * @param {Marks} marks
 */
export function paintMarks(overlay, toX, toY, { spot, over, path }) {
  /** @param {[number, number]} place */
  const point = ([x, y]) => [toX(x), toY(y)];
  const points = path.map(point);
  const at = point(spot);
  const ends = points.length > 0 ? [points[0], points[points.length - 1]] : [];
  const layers = ["lw-rims", "lw-inks"].map((name) =>
    shape("g", { class: name }, [
      shape("polyline", { points: points.join(" ") }),
      ...arrows(points),
      ...ends.map((end) => ring(end, 3, "lw-end")),
      ring(at, 8, "lw-spot"),
      ...(over ? [ring(point(over), 5, "lw-over")] : []),
    ]),
  );
  overlay.replaceChildren(...layers);
  overlay.dataset.lwSpot = JSON.stringify(at);
  overlay.dataset.lwPath = JSON.stringify(points);
}

/**
 * An arrow halfway along each step of a path, so that it shows which way the path goes.
 * @param {number[][]} points
 */
function arrows(points) {
  return points.slice(1).flatMap(([toX, toY], i) => {
    const [x, y] = points[i];
    if (Math.hypot(toX - x, toY - y) < STEP) return [];
    const turned = (Math.atan2(toY - y, toX - x) * 180) / Math.PI;
    const transform = `translate(${(x + toX) / 2} ${(y + toY) / 2}) rotate(${turned})`;
    return [shape("path", { d: ARROW, transform, class: "lw-arrow" })];
  });
}

/** @param {number[]} point @param {number} r @param {string} name */
function ring([cx, cy], r, name) {
  return shape("circle", { cx, cy, r, class: name });
}
