/**
 * Paint onto a canvas the frame that is to be shown now. Frames are painted as they were
 * decoded; two are never blended. Painting follows the event that asked for it at once: waiting
 * for the next repaint of the page would often miss it.
 * @param {HTMLCanvasElement} canvas
 * @param {() => import("./store.js").StoredFrame | undefined} choose the frame to show now; it is ready
 * @param {(frame: import("./store.js").StoredFrame) => boolean} isExact
 * @param {AbortSignal} signal
 * @param {(at: number[]) => unknown} [value] what coordinates are called on the page, as JSON
 * @returns {() => void} asks for a repaint
 */
export function createPainter(canvas, choose, isExact, signal, value = (at) => at[0]) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {ImageBitmap | null} */
  let shown = null;
  let waiting = false;

  /** Where a picture is enlarged, it is pixel by pixel: no detail is made up. */
  function sharpen() {
    canvas.classList.toggle("lw-enlarged", canvas.width < canvas.clientWidth);
  }
  // The first picture is painted before the page knows how large it will be.
  const sizes = new ResizeObserver(sharpen);
  sizes.observe(canvas);
  signal.addEventListener("abort", () => sizes.disconnect());

  function paint() {
    waiting = false;
    if (signal.aborted) return;
    const frame = choose();
    if (!frame?.bitmap) {
      canvas.dataset.lwExact = "false";
      return;
    }
    const { bitmap } = frame;
    if (bitmap !== shown) {
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
        canvas.width = bitmap.width;
        canvas.height = bitmap.height;
        canvas.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
      } else {
        context.clearRect(0, 0, canvas.width, canvas.height);
      }
      context.drawImage(bitmap, 0, 0);
      sharpen();
      shown = bitmap;
    }
    canvas.dataset.lwValue = JSON.stringify(value(frame.at));
    canvas.dataset.lwExact = String(isExact(frame));
    canvas.dataset.lwSeq = String(frame.seq);
  }

  return () => {
    if (!waiting) queueMicrotask(paint);
    waiting = true;
  };
}
