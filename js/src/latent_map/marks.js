import { shape } from "../dom/svg.js";

/** A step of a path that is shorter than this many CSS pixels has no arrow on it. */
const STEP = 20;
/** A path of no more points shows each of them: they may be the turns of a chat. */
const MOST_TURNS = 30;
/** Closer to the last ring than so many CSS pixels there is none: they would hide one another. */
const APART = 10;
/** A ring around where the pen is, and a filled square: thousands are drawn several times as fast. */
const RING = "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0";
const DOT = "m-2-2h4v4h-4z";
const MOST_RINGS = 500;
/** An arrow to the right, its middle at 0. */
const ARROW = "M-3 -4L3 0L-3 4";

/**
 * What is drawn over the points, in places.
 * @typedef {object} Marks
 * @property {[number, number]} spot where the person is
 * @property {[number, number] | null} over what the mouse is over
 * @property {[number, number][]} path
 * @property {Float32Array} found x and y of each point that was found, one after the other
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
export function paintMarks(overlay, toX, toY, { spot, over, path, found }) {
  /** @param {[number, number]} place */
  const point = ([x, y]) => [toX(x), toY(y)];
  const points = path.map(point);
  const at = point(spot);
  const dots = circled(found, toX, toY, overlay.clientWidth, overlay.clientHeight);
  const layers = ["lw-rims", "lw-inks"].map((name) =>
    shape("g", { class: name }, [
      shape("path", { d: dots, class: isMany(found) ? "lw-found lw-dots" : "lw-found" }),
      shape("polyline", { points: points.join(" ") }),
      ...arrows(points),
      ...stops(points),
      ring(at, 8, "lw-spot"),
      ...(over ? [ring(point(over), 5, "lw-over")] : []),
    ]),
  );
  overlay.replaceChildren(...layers);
  overlay.dataset.lwSpot = JSON.stringify(at);
  overlay.dataset.lwPath = JSON.stringify(points);
}

/** @param {Float32Array} places */
function isMany(places) {
  return places.length > 2 * MOST_RINGS;
}

/**
 * What was found and is in sight, as one path: rings, or of many dots, which are drawn sooner.
 * @param {Float32Array} places
 * @param {Scale} toX
 * @param {Scale} toY
 * @param {number} width
 * @param {number} height
 */
function circled(places, toX, toY, width, height) {
  const each = isMany(places) ? DOT : RING;
  let path = "";
  for (let i = 0; i < places.length; i += 2) {
    const x = toX(places[i]);
    const y = toY(places[i + 1]);
    if (x < 0 || y < 0 || x > width || y > height) continue;
    path += `M${x.toFixed(1)} ${y.toFixed(1)}${each}`;
  }
  return path;
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

/**
 * The ends of a path, filled, and rings around the points between, where these are few.
 * @param {number[][]} points
 */
function stops(points) {
  const last = points.length - 1;
  let before = points[0];
  return points.flatMap((point, i) => {
    if (i === 0 || i === last) return [ring(point, 3, "lw-end")];
    const close = [before, points[last]].some(
      ([x, y]) => Math.hypot(x - point[0], y - point[1]) < APART,
    );
    if (close || last >= MOST_TURNS) return [];
    before = point;
    return [ring(point, 3, "lw-turn")];
  });
}

/** @param {number[]} point @param {number} r @param {string} name */
function ring([cx, cy], r, name) {
  return shape("circle", { cx, cy, r, class: name });
}
