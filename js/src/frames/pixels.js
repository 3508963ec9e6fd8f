const BARE = "image/x-rgba;width=";

/**
 * What a frame is painted from: bare pixels, which need no opening, or an encoded picture.
 * @param {DataView<ArrayBuffer>} data
 * @param {string} mime how it was encoded
 * @returns {Blob | ImageData}
 */
export function sourceOf(data, mime) {
  if (!mime.startsWith(BARE)) return new Blob([data], { type: mime });
  const { buffer, byteOffset, byteLength } = data;
  // A copy: otherwise the whole message, with all its frames, would stay in memory for this one.
  const pixels = new Uint8ClampedArray(buffer.slice(byteOffset, byteOffset + byteLength));
  return new ImageData(pixels, Number(mime.slice(BARE.length)));
}
