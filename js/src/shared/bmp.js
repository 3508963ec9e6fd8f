// Where the parts of the header lie.
const PIXELS_AT = 10;
const WIDTH_AT = 18;
const HEIGHT_AT = 22;
const OPAQUE = 0xff000000;

/**
 * Read an uncompressed BMP of 24 bits a pixel. The browser opens one too, but in another process,
 * which takes three times as long.
 * @param {DataView} file
 * @returns {ImageData}
 */
export function readBmp(file) {
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const width = file.getInt32(WIDTH_AT, true);
  const height = file.getInt32(HEIGHT_AT, true);
  const first = file.getUint32(PIXELS_AT, true);
  const row = Math.ceil((width * 3) / 4) * 4;
  const pixels = new Uint32Array(width * height);
  let to = 0;
  // From the bottom to the top, as blue, green, red.
  for (let y = height - 1; y >= 0; y--) {
    let from = first + y * row;
    for (let x = 0; x < width; x++) {
      pixels[to] = OPAQUE | bytes[from + 2] | (bytes[from + 1] << 8) | (bytes[from] << 16);
      to += 1;
      from += 3;
    }
  }
  return new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
}
