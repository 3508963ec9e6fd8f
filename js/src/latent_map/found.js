/**
 * What the kernel found.
 * @typedef {object} Found
 * @property {string} [text] what was searched for
 * @property {DataView} [rows] rows of the latents, as uint32; a saved notebook has none
 */

/** @param {import("@anywidget/types").AnyModel} model @returns {Uint32Array} */
export function foundRows(model) {
  /** @type {Found} */
  const { rows } = model.get("_found");
  if (!rows?.byteLength) return new Uint32Array();
  const { buffer, byteOffset, byteLength } = rows;
  return new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
