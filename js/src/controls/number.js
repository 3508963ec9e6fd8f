import { element, listen } from "../dom/element.js";

/**
 * A box to type a number into.
 * @param {Record<string, string | number>} attributes
 * @param {(value: number) => void} onTake told what was typed; NaN where that is no number, or taken back with Escape
 * @param {AbortSignal} signal
 */
export function createNumber(attributes, onTake, signal) {
  const number = element("input", {
    type: "number",
    class: "lw-number",
    ...attributes,
  });
  const take = () => onTake(number.valueAsNumber);
  // A notebook takes the Enter key for itself, so that it would never cause a change.
  const keys = {
    Enter: take,
    Escape: () => onTake(Number.NaN),
  };
  listen(
    number,
    { change: take, keydown: ({ key }) => keys[/** @type {"Enter"} */ (key)]?.() },
    signal,
  );
  return number;
}
