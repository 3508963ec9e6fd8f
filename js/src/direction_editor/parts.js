import { importCode } from "../loader/index.js";

/**
 * Parts of editors, of which most have some. Their code comes from the kernel where it is needed.
 * @typedef {object} Parts
 * @property {typeof import("../parts/cells.js").default} [cells] where a direction acts
 * @property {typeof import("../parts/change.js").default} [change] how much it changes the picture
 * @property {typeof import("../parts/curve.js").default} [curve] what moving along it does
 * @property {typeof import("../parts/leakage.js").default} [leakage] what else the edit moves
 */
/** @typedef {ReturnType<NonNullable<Parts["change"]>>} Changes */

/**
 * Load the parts that the kernel has sent and that are not here yet.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {Record<string, any>} parts by their names, where they are put
 */
export async function loadParts(model, parts) {
  for (const [name, code] of Object.entries(model.get("_parts"))) {
    parts[name] ??= (await importCode(model, code)).module.default;
  }
}
