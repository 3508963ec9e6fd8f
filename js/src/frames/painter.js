/**
 * Paint into an element of a kind the frame that is to be shown now. Frames are painted as they
 * were decoded; two are never blended. Painting follows the event that asked for it at once:
 * waiting for the next repaint of the page would often miss it.
 * @param {HTMLElement} element that the kind has created
 * @param {import("./kind.js").Kind} kind
 * @param {() => import("./store.js").StoredFrame | undefined} choose the frame to show now; it is ready
 * @param {(frame: import("./store.js").StoredFrame) => boolean} isExact
 * @param {AbortSignal} signal
 * @param {(at: number[]) => unknown} [value] what coordinates are called on the page, as JSON
 * @returns {() => void} asks for a repaint
 */
export function createPainter(element, kind, choose, isExact, signal, value = (at) => at[0]) {
  const { dataset } = element;
  /** @type {unknown} */
  let shown = null;
  let waiting = false;

  function paint() {
    waiting = false;
    if (signal.aborted) return;
    const frame = choose();
    if (!frame?.bitmap) {
      dataset.lwExact = "false";
      return;
    }
    if (frame.bitmap !== shown) kind.paint(element, frame.bitmap);
    shown = frame.bitmap;
    dataset.lwValue = JSON.stringify(value(frame.at));
    dataset.lwExact = String(isExact(frame));
    dataset.lwSeq = String(frame.seq);
  }

  return () => {
    if (!waiting) queueMicrotask(paint);
    waiting = true;
  };
}
