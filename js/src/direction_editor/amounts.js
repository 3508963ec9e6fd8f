/** What an arrow key adds. */
const STEP = 0.1;

/**
 * How long one sigma is under the conditions of now, in the space's own unit.
 * @typedef {object} Unit
 * @property {number} size
 * @property {string} words "{}" stands for the number; empty where there is no such unit
 */

/** @typedef {ReturnType<typeof amountsOf>} Amounts */

/**
 * How far one direction can be moved, as the kernel says now, in sigmas.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {number} axis
 */
export function amountsOf(model, axis) {
  /** What the slider runs over. */
  function scale() {
    const [low, high] = model.get("_ranges")[axis];
    return { low, high, step: STEP };
  }

  /** The amount of the base. @returns {number} */
  function origin() {
    return model.get("_origin")[axis];
  }

  /** Where on the slider an amount is, from 0 to 1. @param {number} amount */
  function place(amount) {
    const { low, high } = scale();
    return Math.min(1, Math.max(0, (amount - low) / (high - low)));
  }

  /** How long some sigmas are in the space's own unit. @param {number} amount @param {string} before */
  function inUnits(amount, before) {
    /** @type {Unit} */
    const { size, words } = model.get("_units")[axis];
    return words && before + words.replace("{}", String(+Math.abs(size * amount).toPrecision(2)));
  }

  return { scale, origin, place, inUnits };
}

/**
 * Where in its row a slider begins and ends, from 0 to 1, so that its zero lies where that of all
 * rows does: it is as long as both sides allow.
 * @param {{ low: number, high: number }} scale
 * @param {number} middle where zero lies
 */
export function stretchOf({ low, high }, middle) {
  const unit = Math.min(
    low < 0 ? middle / -low : Infinity,
    high > 0 ? (1 - middle) / high : Infinity,
  );
  return { from: middle + low * unit, to: middle + high * unit };
}

/** The number at an end of a slider. @param {number} amount */
export function short(amount) {
  return String(Number(amount.toFixed(Math.abs(amount) < 10 ? 1 : 0))).replace("-", "−");
}
