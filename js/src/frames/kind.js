import { images } from "./images.js";

/**
 * An output that is ready to be painted, and what it holds in memory: an image has a size.
 * @typedef {ImageBitmap | ImageData | { bytes: number, close: () => void }} Opened
 */

/**
 * How outputs of one kind are shown.
 * @typedef {object} Kind
 * @property {string} word what one is called on the page: "Picture", "Text", ...
 * @property {string} role what its element is to a screen reader
 * @property {boolean} pixels whether it is painted on a canvas, so that two can be compared
 * @property {(source: any) => Promise<any>} open makes a frame that came as a Blob ready: `Opened`
 * @property {(name: string, signal: AbortSignal, small?: boolean) => HTMLElement} create makes an element of a class that shows frames until the signal; a small one has nothing to press
 * @property {(element: any, opened: any) => void} paint shows in such an element what `open` made
 */

/**
 * The kind of a widget's outputs: images, or what the kernel sent the painter of.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal ends with the widget
 * @returns {Promise<Kind>}
 */
export async function loadKind(model, signal) {
  const source = model.get("_painter");
  if (!source) return images;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const painter = await import(/* @vite-ignore */ url);
  URL.revokeObjectURL(url);
  return painter.default(signal);
}
