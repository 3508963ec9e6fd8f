import { element } from "../dom/element.js";

/** Not every browser draws canvases that are much wider, in pixels of the screen. */
const WIDEST = 4096;

/**
 * The images of a row of cells, on as few canvases as can be: of a canvas for each cell a page
 * with thousands of them would draw a few frames a second.
 * @param {number} count of cells
 * @param {HTMLCanvasElement} scratch where pixels are put that need scaling
 */
export function createMosaic(count, scratch) {
  const root = element("div", { class: "lw-mosaic" });
  /** @type {CanvasRenderingContext2D[]} */
  let contexts = [];
  /** How many cells share a canvas. */
  let each = 1;
  /** In pixels of the screen. */
  let cell = { across: 0, width: 0, height: 0 };

  /**
   * Have room for cells of a size; what was drawn is lost if it was another one.
   * @param {import("./sizes.js").Sizes} sizes
   * @returns {boolean} whether it was
   */
  function resize({ across, size, high }) {
    const ratio = devicePixelRatio;
    const [width, height] = [size, high].map((length) => Math.round(length * ratio));
    if (across * ratio === cell.across && height === cell.height) return false;
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
   * Draw the picture of a cell. Where it is enlarged, it is pixel by pixel: no detail is made up.
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
    context.imageSmoothingEnabled = picture.width > width;
    context.imageSmoothingQuality = "medium";
    context.drawImage(pixels ? scratch : picture, x, 0, width, height);
  }

  return { root, resize, draw };
}
