import { within } from "../controls/slider.js";

/** What an arrow key adds. */
const STEP = 0.1;

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
    return within((amount - low) / (high - low), 0, 1);
  }

  return { scale, origin, place };
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
