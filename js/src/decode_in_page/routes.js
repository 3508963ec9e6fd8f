import { cornered } from "./corners.js";
import { rounded } from "./pictures.js";

/**
 * A route as numbers: the twin of `Plan` in latentwidgets/routes/plan.py, where they are described.
 * @typedef {object} Plan
 * @property {string} form
 * @property {number} shown how many latents there are at each place
 * @property {boolean} closed
 * @property {Record<string, Rows>} arrays
 */

/** @typedef {Float64Array | Float32Array} Numbers */

/**
 * An array with its shape, row by row; rows of cells and maps are float32.
 * @typedef {{ shape: number[], data: Numbers }} Rows
 */

/** Of a map, what lies between the points; the rows of latents that were set are less. */
const GROUND = -1;

/**
 * The latents at a place of a route, one after another.
 * @param {Plan} plan
 * @param {number[]} at coordinates; none for what there is before an edit
 * @returns {Float32Array}
 */
export function latentsAt(plan, at) {
  if (plan.form === "edit") return edited(plan, at);
  if (plan.form === "map") return mapped(plan, at);
  if (plan.form.endsWith("corners")) return cornered(plan, at);
  return plan.form === "cells" ? celled(plan, at) : between(plan, at[0]);
}

/**
 * Whether a plan has the latents at a place: of a map not those that were set, nor what lies further
 * between its points than where the kernel has seen that the inverse goes on as it begins.
 * @param {Plan} plan
 * @param {number[]} at
 */
export function covers({ form, arrays: { rows, plane, numbers } }, [row, x, y]) {
  if (form !== "map") return true;
  if (row >= 0) return row < rows.shape[0];
  const [middleX, middleY, half, reach] = numbers.data;
  const far = Math.max(Math.abs(x - middleX), Math.abs(y - middleY));
  return row === GROUND && plane.shape[0] > 0 && far <= reach * half;
}

/**
 * The coordinates of a route, and the numbers that a decoder gets as conditions: what a cell has of its
 * own, or else those of the coordinates that come after, or the default; of each latent one after another.
 * @param {number[][]} conditions of each the number at coordinate 0, and how much more next; only the
 * number that it has by default where there is no coordinate
 * @param {Plan} plan
 * @param {number[]} at
 * @returns {[own: number[], numbers: Float32Array | undefined]}
 */
export function conditionsAt(conditions, plan, at) {
  const count = conditions.length;
  if (count === 0) return [at, undefined];
  const moved = at.slice(at.length - conditions.filter(({ length }) => length > 1).length);
  const own = at.slice(0, at.length - moved.length);
  const cells = under(plan, own);
  const numbers = conditions.map(([first, step], i) => {
    const number = step === undefined ? first : first + step * Number(moved.shift());
    return Number.isFinite(cells[i]) ? cells[i] : number;
  });
  return [own, Float32Array.from({ length: plan.shown * count }, (_, i) => numbers[i % count])];
}

/**
 * The conditions that a cell has of its own; not a number where it has none.
 * @param {Plan} plan
 * @param {number[]} at row and column
 */
function under({ arrays: { conditions, mixed, numbers } }, at) {
  if (!conditions) return [];
  const [columns, continuous] = numbers.data;
  const near = ofCells(conditions, columns, at.map(rounded));
  if (!continuous) return near;
  return ofCells(conditions, columns, at).map((one, i) => (mixed.data[i] ? one : near[i]));
}

/**
 * @param {Plan} plan
 * @param {number[]} at a latent's row, or less than 0 for what else lies at a point; the point
 */
function mapped({ arrays: { rows, plane, numbers } }, [row, x, y]) {
  const size = rows.shape[1];
  if (row >= 0) return Float32Array.from(rows.data.subarray(row * size, (row + 1) * size));
  const [middleX, middleY, half] = numbers.data;
  const [right, up] = [(x - middleX) / half, (y - middleY) / half];
  const from = (/** @type {number} */ i, /** @type {number} */ k) => plane.data[i * size + k];
  const latent = { length: size };
  return Float32Array.from(latent, (_, k) => from(0, k) + right * from(1, k) + up * from(2, k));
}

/**
 * @param {Plan} plan
 * @param {number[]} at row and column
 */
function celled({ arrays: { rows, numbers } }, at) {
  const [columns, continuous] = numbers.data;
  return Float32Array.from(ofCells(rows, columns, continuous ? at : at.map(rounded)));
}

/**
 * What a cell has; between four their mean, weighted by how near they are.
 * @param {Rows} cells
 * @param {number} columns
 * @param {number[]} at row and column
 */
function ofCells({ shape: [count, size], data }, columns, [row, column]) {
  const found = new Float64Array(size);
  /** @type {(down: number, right: number, weight: number) => void} */
  const add = (down, right, weight) => {
    if (weight === 0) return;
    const from = size * (down * columns + right);
    for (let k = 0; k < size; k++) found[k] += weight * data[from + k];
  };
  const [down, a] = split(row, Math.ceil(count / columns));
  const [right, b] = split(column, columns);
  add(down, right, (1 - a) * (1 - b));
  add(down, right + 1, (1 - a) * b);
  add(down + 1, right, a * (1 - b));
  add(down + 1, right + 1, a * b);
  return found;
}

/**
 * The cell before a place, and what part of the way to the next one it is.
 * @param {number} place
 * @param {number} count
 */
function split(place, count) {
  const first = Math.max(0, Math.min(Math.floor(place), count - 2));
  return [first, place - first];
}

/**
 * @param {Plan} plan
 * @param {number[]} at
 */
function edited({ shown, arrays: { points, starts, moves } }, at) {
  const [count, size] = moves.shape;
  const latents = new Float64Array(points.data);
  for (let i = 0; i < shown; i++) {
    for (let j = 0; j < at.length; j++) {
      // What was not moved leaves all as they are, the others of several too.
      if (at[j] === starts.data[j]) continue;
      const step = at[j] - starts.data[i * count + j];
      for (let k = 0; k < size; k++) latents[i * size + k] += step * moves.data[j * size + k];
    }
  }
  return Float32Array.from(latents);
}

/**
 * @param {Plan} plan
 * @param {number} t
 */
function between({ form, closed, arrays: { rows, numbers, timing } }, t) {
  const [pieces, count, size] = rows.shape;
  const place = pieces * placed(closed ? t % 1 : t, timing);
  const index = Math.min(pieces - 1, Math.floor(place));
  const own = numbers.shape[1];
  const weights = WEIGHTS[form](
    place - index,
    numbers.data.subarray(index * own, (index + 1) * own),
  );
  const latent = new Float64Array(size);
  for (let row = 0; row < count; row++) {
    const from = (index * count + row) * size;
    for (let k = 0; k < size; k++) latent[k] += weights[row] * rows.data[from + k];
  }
  return Float32Array.from(latent);
}

/**
 * Where a path is at t, if every segment took the same share.
 * @param {number} t
 * @param {Rows} timing
 */
function placed(t, { shape: [, count], data }) {
  if (count === 0) return t;
  let i = 1;
  while (i < count - 1 && data[i] <= t) i += 1;
  const share = (t - data[i - 1]) / (data[i] - data[i - 1]);
  return data[count + i - 1] + share * (data[count + i] - data[count + i - 1]);
}

/**
 * How much each row of a piece counts, at a part of it from 0 to 1.
 * @type {Record<string, (x: number, numbers: Numbers) => number[]>}
 */
const WEIGHTS = {
  cubic: (x) => [1, x, x * x, x * x * x],
  gaussian: (x) => [Math.cos((x * Math.PI) / 2), Math.sin((x * Math.PI) / 2), 1],
  slerp: (x, [start, stop, half]) => turned((1 - x) * start + x * stop, (2 * x - 1) * half),
  nlerp(x, [start, stop, half, opposite]) {
    const [begin, end] = [(1 - x) * start, x * stop];
    const straight = Math.atan2(Math.sin(half) * (end - begin), Math.cos(half) * (end + begin));
    return turned(begin + end, opposite ? (2 * x - 1) * half : straight);
  },
};

/**
 * @param {number} norm
 * @param {number} angle from the middle
 */
function turned(norm, angle) {
  return [norm * Math.cos(angle), norm * Math.sin(angle)];
}
