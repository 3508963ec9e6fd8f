import { conditionsAt, covers, latentsAt } from "./routes.js";

/** @typedef {import("../stage/replies.js").DecoderAnswer & { buffers: DataView[] }} Answer what the kernel says of its decoder */

/**
 * What coordinates mean to a decoder, and how many outputs a picture shows.
 * @param {Answer} offer
 * @param {number[]} at somewhere
 */
export function planOf(offer, at) {
  const { plan: about, arrays, conditions: numbers, latent_shape: shape, reading } = offer;
  const named = [];
  for (const [i, [key, shape, size]] of arrays.entries()) {
    const bytes = bytesOf(offer.buffers[i]);
    named.push([key, { shape, data: new (size === 4 ? Float32Array : Float64Array)(bytes) }]);
  }
  /** @type {import("./routes.js").Plan} */
  const plan = { ...about, arrays: Object.fromEntries(named) };
  const [own] = conditionsAt(numbers, plan, at);
  const size = shape.reduce((product, one) => product * one, 1);
  const terms = termsOf(plan, offer.lines, bytesOf(offer.buffers[arrays.length]));
  return { plan, numbers, count: latentsAt(plan, own).length / size, reading, terms };
}

/**
 * What is known here of places.
 * @param {import("./routes.js").Plan} plan
 * @param {Answer["lines"]} lines
 * @param {ArrayBuffer} bytes which of these are said of each latent of a map
 */
function termsOf(plan, lines, bytes) {
  const rows = new Int32Array(bytes);
  return {
    covers: (/** @type {number[]} */ at) => covers(plan, at),
    said: (/** @type {number} */ row) => lines[rows[row]],
  };
}

/**
 * What decodes a place of a route.
 * @param {Awaited<ReturnType<typeof import("./decoder.js").decoderNamed>>} decoder
 * @param {import("./routes.js").Plan} plan
 * @param {number[][]} numbers of conditions
 * @param {import("./pictures.js").Reading} reading
 */
export function decoding(decoder, plan, numbers, reading) {
  return (/** @type {number[]} */ at) => {
    const [own, conditions] = conditionsAt(numbers, plan, at);
    return decoder.ask({ latents: latentsAt(plan, own), conditions, reading });
  };
}

/** A copy, which starts at a whole number of bytes. @param {DataView} view */
export function bytesOf({ buffer, byteOffset, byteLength }) {
  return /** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength));
}
