import { element } from "../dom/element.js";
import { LEGEND } from "./speeds.js";

/**
 * The speed along the path, drawn below its slider; until it is known, what is to be said instead.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {ReturnType<typeof import("./speeds.js").createSpeeds>} speeds
 * @param {import("./speeds.js").Parts} parts
 * @param {{ low: number, high: number }} scale of the slider
 * @param {AbortSignal} signal
 */
export function createSpeedCurve(model, speeds, parts, scale, signal) {
  // Where the curve will be: nothing below moves when it comes.
  const awaited = element("div", { class: "lw-awaited" });
  /** @type {ReturnType<NonNullable<import("./speeds.js").Parts["curve"]>> | undefined} */
  let curve;

  /** Show it. @param {number} t where the thumb is @returns {string} what it is there, once known */
  function show(t) {
    const known = speeds.curve();
    if (known && !curve && parts.curve) {
      curve = parts.curve({ legend: LEGEND, unit: "×", signal });
      awaited.before(curve.root);
    }
    const said = curve?.show(known, scale, t) ?? "";
    awaited.hidden = said !== "" || !model.get("_way").drawn;
    if (!awaited.hidden) awaited.textContent = speeds.words();
    return said;
  }

  return { awaited, show };
}
