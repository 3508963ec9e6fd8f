import { images } from "./images.js";

/**
 * How a widget's outputs are shown: as images, or as the code that the kernel sent says.
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
