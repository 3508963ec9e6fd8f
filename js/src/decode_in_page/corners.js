/** Opposite is what differs from it by no more than rounding does: float32 holds one part of this many. */
const EPSILON = 2 ** -23;

/** @typedef {ArrayLike<number>} Latent */
/** @typedef {{ shape: number[], data: Float64Array | Float32Array }} Rows */

/**
 * How to go between two corners.
 * @type {Record<string, (a: Latent, b: Latent, t: number) => Latent>}
 */
const BETWEEN = { "slerp corners": slerp, "gaussian corners": quarterTurn };

/**
 * The latent at a place between four corners, along the upper and lower edge first: the twin of
 * latentwidgets/routes/corner_grids.py.
 * @param {{ form: string, arrays: Record<string, Rows> }} plan as in routes.js
 * @param {number[]} at row and column
 */
export function cornered({ form, arrays: { rows, numbers } }, [row, column]) {
  const size = rows.shape[1];
  const last = numbers.data[0] - 1;
  const [a, b, c, d, mean] = [0, 1, 2, 3, 4].map((i) => {
    return rows.data.subarray(i * size, (i + 1) * size);
  });
  const between = BETWEEN[form];
  const [top, bottom] = [between(a, b, column / last), between(c, d, column / last)];
  return Float32Array.from(between(top, bottom, row / last), (x, k) => x + mean[k]);
}

/** @param {Latent} a @param {Latent} b @param {number} t */
function quarterTurn(a, b, t) {
  const angle = (t * Math.PI) / 2;
  const [first, last] = [Math.cos(angle), Math.sin(angle)];
  return Float64Array.from(a, (x, k) => first * x + last * b[k]);
}

/**
 * Go along the great circle, as `slerp` in Python does: its edges are described there.
 * @param {Latent} a
 * @param {Latent} b
 * @param {number} t from 0 to 1
 * @returns {Latent} float32
 */
function slerp(a, b, t) {
  if (t === 0 || t === 1) return t === 0 ? a : b;
  if (a.length === 1) return Float32Array.of((1 - t) * a[0] + t * b[0]);
  const [start, stop] = [norm(a), norm(b)];
  const { middle, across, half } = arc(unit(start > 0 ? a : b), unit(stop > 0 ? b : a));
  const length = (1 - t) * start + t * stop;
  const angle = (2 * t - 1) * half;
  const [along, aside] = [length * Math.cos(angle), length * Math.sin(angle)];
  return Float32Array.from(middle, (x, k) => along * x + aside * across[k]);
}

/**
 * The great circle between two directions, measured from their middle; the twin of `arcs` in Python.
 * @param {Float64Array} u
 * @param {Float64Array} v
 */
function arc(u, v) {
  const apart = Float64Array.from(u, (x, k) => v[k] - x);
  const span = norm(apart);
  const across = unit(apart);
  const sum = Float64Array.from(u, (x, k) => v[k] + x);
  // Where the middle is short, rounding may lean it to one end.
  const lean = span > 1.5 ? sum.reduce((total, x, k) => total + x * across[k], 0) : 0;
  const upright = sum.map((x, k) => x - lean * across[k]);
  const reach = norm(upright);
  if (span > 1.5 && reach <= 2 * EPSILON) {
    return { middle: perpendicular(across), across, half: Math.PI / 2 };
  }
  return { middle: unit(upright), across, half: Math.atan2(span, reach) };
}

/** Make the basis vector along which an axis is smallest perpendicular to it. @param {Float64Array} axis */
function perpendicular(axis) {
  const sizes = axis.map(Math.abs);
  const place = sizes.indexOf(sizes.reduce((least, one) => Math.min(least, one)));
  const part = axis[place];
  const found = axis.map((x) => -part * x);
  found[place] = 1 - part ** 2;
  return unit(found);
}

/** The direction; that of zero is zero. @param {Latent} x */
function unit(x) {
  const length = norm(x);
  return Float64Array.from(x, (one) => (length > 0 ? one / length : 0));
}

/** Its length; squares of float32 do not overflow here. @param {Latent} x */
function norm(x) {
  let squares = 0;
  for (let k = 0; k < x.length; k++) squares += x[k] * x[k];
  return Math.sqrt(squares);
}
