import { element } from "../dom/element.js";

/**
 * How long one sigma is under the conditions of now, in the space's own unit.
 * @typedef {object} Unit
 * @property {number} size
 * @property {string} words "{}" stands for the number
 */

/**
 * What says how long amounts of one direction are, such as beside a language model's stream.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {number} axis
 */
export default function createUnits(model, axis) {
  const root = element("span", { class: "lw-unit" });

  /** How long some sigmas are. @param {number} amount */
  function words(amount) {
    /** @type {Unit} */
    const { size, words } = model.get("_units")[axis];
    return words.replace("{}", String(+Math.abs(size * amount).toPrecision(2)));
  }

  /** Say how long a move is or, where there is none, one sigma. @param {number} amount */
  function show(amount) {
    const text = amount ? words(amount) : `1 σ is ${words(1)}`;
    if (root.textContent !== text) root.textContent = text;
  }

  return { root, words, show };
}
