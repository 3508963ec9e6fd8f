import { element } from "../dom/element.js";

/** How wide a canvas may be, in pixels of the screen: not every browser draws wider ones. */
const WIDEST = 4096;

/**
 * The images of a row of cells, on as few canvases as can be: with a canvas for each of thousands
 * of cells, a page would draw no more than a few frames a second.
 * @param {number} count of cells
 * @param {HTMLCanvasElement} scratch where bare pixels are put first, since only a canvas can be drawn at another size
 */
export function createMosaic(count, scratch) {
  const root = element("div", { class: "lw-mosaic" });
  /** @type {CanvasRenderingContext2D[]} */
  let contexts = [];
  /** How many cells share a canvas. */
  let each = 1;
  /** In pixels of the screen. */
  let cell = { across: 0, width: 0, height: 0 };
  let smooth = false;

  /**
   * Have room for cells of a size. Where the size is another than before, all is to be drawn anew.
   * @param {import("./sizes.js").Sizes} sizes
   * @param {boolean} soft whether pictures that are enlarged are smoothed
   * @returns {boolean} whether all is to be drawn anew
   */
  function resize({ across, size, high }, soft) {
    const ratio = devicePixelRatio;
    const [width, height] = [size, high].map((length) => Math.round(length * ratio));
    const same = soft === smooth && across * ratio === cell.across && height === cell.height;
    if (same) return false;
    smooth = soft;
    cell = { across: across * ratio, width, height };
    each = Math.max(1, Math.floor(WIDEST / cell.across));
    root.replaceChildren();
    contexts = Array.from({ length: Math.ceil(count / each) }, (_, i) => {
      const cells = Math.min(each, count - i * each);
      const width = Math.round(cells * cell.across);
      const canvas = element("canvas", { width, height: cell.height });
      canvas.style.width = `${cells * across}px`;
      root.append(canvas);
      return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    });
    return true;
  }

  /**
   * Draw the picture of a cell. One that is enlarged shows its pixels as squares, unless somebody
   * wants it smooth, which makes up detail.
   * @param {number} i
   * @param {ImageBitmap | ImageData} picture
   */
  function draw(i, picture) {
    const context = contexts[Math.floor(i / each)];
    const { width, height } = cell;
    const x = Math.round((i % each) * cell.across);
    const pixels = picture instanceof ImageData;
    if (pixels) {
      if (scratch.width !== picture.width) scratch.width = picture.width;
      if (scratch.height !== picture.height) scratch.height = picture.height;
      scratch.getContext("2d")?.putImageData(picture, 0, 0);
    }
    context.clearRect(x, 0, width, height);
    context.imageSmoothingEnabled = smooth || picture.width > width;
    context.imageSmoothingQuality = "medium";
    context.drawImage(pixels ? scratch : picture, x, 0, width, height);
  }

  return { root, resize, draw };
}
