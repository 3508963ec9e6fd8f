import { conditionWords } from "../controls/conditions.js";
import { namesAt } from "./marks.js";

/** @typedef {import("@anywidget/types").AnyModel} Model */

/** A place on the path. @param {number} t */
export function words(t) {
  return `t = ${t.toFixed(3)}`;
}

/** At which anchor a place is, by name. @param {Model} model @param {number} t */
export function names(model, t) {
  return namesAt(t, model.get("_marks"), model.get("names"));
}

/** A place, and at which anchor that is. @param {Model} model @param {number} t */
export function namedWords(model, t) {
  return [words(t), names(model, t)].filter(Boolean).join(", ");
}

/** All that is said of coordinates. @param {Model} model @param {number[]} at */
export function allWords(model, at) {
  return namedWords(model, at[0]) + conditionWords(model, at);
}
