import { importCode } from "./index.js";

/**
 * Load the parts that the kernel has sent and that are not here yet: code of what only some widgets
 * of a kind show.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {Record<string, any>} parts by their names, where they are put
 */
export async function loadParts(model, parts) {
  for (const [name, code] of Object.entries(model.get("_parts"))) {
    parts[name] ??= (await importCode(model, code)).module.default;
  }
}
