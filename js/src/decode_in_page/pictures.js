/**
 * How outputs are read as pictures: the twin of `ImageFormat` in Python.
 * @typedef {object} Reading
 * @property {number[]} stored the three axes of an output
 * @property {boolean} first whether the first of them is the channels, else the last
 * @property {number} origin what to subtract from a value
 * @property {number} scale and then to multiply it with, so that it is a level from 0 to 255
 */

/** Why there is no picture where an output holds what is no number. Elsewhere there may well be one. */
export const NOT_FINITE = "an output holds NaN or infinity";

/** How many tiles stand side by side at most, and the level of grey between them. */
const [MOST_COLUMNS, GREY] = [4, 128];

/**
 * Turn outputs into one picture: several stand as tiles. The twin of `tiled` in Python.
 * @param {Float32Array} outputs one after another
 * @param {number} count
 * @param {Reading} reading
 * @returns {{ pixels: Uint8ClampedArray<ArrayBuffer>, width: number }}
 */
export function pictureOf(outputs, count, { stored: [a, b, c], first, origin, scale }) {
  const [height, width, channels] = first ? [b, c, a] : [a, b, c];
  const rows = Math.ceil(count / MOST_COLUMNS);
  const columns = Math.ceil(count / rows);
  const gap = count > 1 ? Math.max(1, rounded(width / 32)) : 0;
  const across = columns * (width + gap) - gap;
  const pixels = new Uint8ClampedArray(4 * across * (rows * (height + gap) - gap));
  if (count > 1 && channels < 4) pixels.fill(GREY);
  const size = height * width;
  const [step, apart] = first ? [1, size] : [channels, 1];
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * (width + gap);
    const top = Math.floor(i / columns) * (height + gap);
    for (let pixel = 0; pixel < size; pixel++) {
      const x = pixel % width;
      const to = 4 * ((top + (pixel - x) / width) * across + left + x);
      const from = i * size * channels + pixel * step;
      for (let channel = 0; channel < 3 || channel < channels; channel++) {
        const value = outputs[from + Math.min(channel, channels - 1) * apart];
        if (!Number.isFinite(value)) throw new Error(NOT_FINITE);
        pixels[to + channel] = Math.floor((value - origin) * scale);
      }
    }
  }
  if (channels < 4) for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
  return { pixels, width: across };
}

/** To a whole number, as Python rounds: a half to the even one. @param {number} x */
export function rounded(x) {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/**
 * The largest difference of two pictures in any level.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
export function difference(a, b) {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}
