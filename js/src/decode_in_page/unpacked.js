/**
 * @param {ArrayBuffer} packed
 * @param {CompressionFormat} format
 * @returns {Promise<ArrayBuffer>}
 */
export function unpacked(packed, format) {
  const { body } = new Response(packed);
  const stream = /** @type {ReadableStream} */ (body).pipeThrough(new DecompressionStream(format));
  return new Response(stream).arrayBuffer();
}
