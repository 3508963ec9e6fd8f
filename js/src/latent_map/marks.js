import { shape } from "../dom/svg.js";

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
      ...ends.map((end) => ring(end, 3, "lw-end")),
      ring(at, 8, "lw-spot"),
      ...(over ? [ring(point(over), 5, "lw-over")] : []),
    ]),
  );
  overlay.replaceChildren(...layers);
  overlay.dataset.lwSpot = JSON.stringify(at);
  overlay.dataset.lwPath = JSON.stringify(points);
}

/** @param {number[]} point @param {number} r @param {string} name */
function ring([cx, cy], r, name) {
  return shape("circle", { cx, cy, r, class: name });
}
