import { element, onResize } from "../dom/element.js";

/**
 * Have a picture that is enlarged show its pixels as squares: smoothing would make up detail.
 * @param {HTMLCanvasElement} canvas
 */
function sharpen(canvas) {
  canvas.classList.toggle("lw-enlarged", canvas.width < canvas.clientWidth);
}

/** @type {import("./kind.js").Kind} */
export const images = {
  word: "Picture",
  role: "img",
  pixels: true,
  open: (source) => createImageBitmap(source),
  create(name, signal) {
    const canvas = element("canvas", { class: name, width: 1, height: 1 });
    // Whether it is enlarged is known only once the page has laid it out, and may change then.
    onResize(canvas, () => sharpen(canvas), signal);
    return canvas;
  },
  paint(canvas, bitmap) {
    const context = canvas.getContext("2d");
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
    } else {
      context.clearRect(0, 0, canvas.width, canvas.height);
    }
    if (bitmap instanceof ImageData) context.putImageData(bitmap, 0, 0);
    else context.drawImage(bitmap, 0, 0);
    sharpen(canvas);
  },
};
