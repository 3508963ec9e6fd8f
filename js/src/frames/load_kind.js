import { importCode } from "../loader/index.js";
import { images } from "./images.js";

/**
 * How a widget's outputs are shown: as images, or as the code that the kernel sent says.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal ends with the widget
 * @returns {Promise<import("./kind.js").Kind>}
 */
export async function loadKind(model, signal) {
  const painter = model.get("_painter");
  if (!painter) return images;
  const { module } = await importCode(model, painter);
  return module.default(signal);
}
