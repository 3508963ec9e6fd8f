import { images } from "./images.js";

/**
 * The kind of a widget's outputs: images, or what the kernel sent the painter of.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal ends with the widget
 * @returns {Promise<import("./kind.js").Kind>}
 */
export async function loadKind(model, signal) {
  const source = model.get("_painter");
  if (!source) return images;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const painter = await import(/* @vite-ignore */ url);
  URL.revokeObjectURL(url);
  return painter.default(signal);
}
