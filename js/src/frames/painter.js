/**
 * Paint into an element the frame that is to be shown now, and write on the element which one it
 * is. Frames are painted as they were decoded; two are never blended. Painting is done at the end
 * of the event that asked for it: if it waited for an animation frame, it would often come too late
 * for the page's next repaint.
 * @param {HTMLElement} element made by `kind`
 * @param {import("./kind.js").Kind} kind
 * @param {() => import("./store.js").StoredFrame | undefined} choose the frame to show now; one that is not ready is not painted
 * @param {(frame: import("./store.js").StoredFrame) => boolean} isExact
 * @param {AbortSignal} signal
 * @param {(at: number[]) => unknown} [value] how coordinates are written on the element, as JSON
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
    dataset.lwDraft = String(frame.draft);
    dataset.lwSeq = String(frame.seq);
  }

  return () => {
    if (!waiting) queueMicrotask(paint);
    waiting = true;
  };
}
