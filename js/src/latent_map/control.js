import { withConditions } from "../controls/conditions.js";

/**
 * A spot: the row of a latent (or less than 0 for what else lies there), and its point on the map.
 * @typedef {[row: number, x: number, y: number]} Spot
 */

/** What an empty spot between the points is called. */
export const GROUND = -1;

/**
 * A map has a spot for its coordinates: the one that the mouse is over, or else the one that the
 * person went to.
 * @param {import("@anywidget/types").AnyModel} model
 */
export function createControl(model) {
  /** @type {Spot | null} */
  let over = null;
  return withConditions(model, {
    /** @param {Spot | null} spot */
    hover: (spot) => {
      over = spot;
    },
    /** @returns {Spot} */
    read: () => over ?? model.get("_spot"),
    // A click writes `_spot` itself, see visit.js; what the mouse is over is not written at all.
    write: () => {},
    // Nothing is decoded ahead: nobody can tell which point the mouse comes to next.
    strips: () => [],
  });
}

/**
 * Turns places of the scatter plot, in [-1, 1], into points of the map and back.
 * @param {import("@anywidget/types").AnyModel} model
 */
export function createScale(model) {
  return {
    /** @param {number[]} place @returns {[number, number]} */
    point: ([x, y]) => {
      const [centerX, centerY, half] = model.get("_frame");
      return [x * half + centerX, y * half + centerY];
    },
    /** @param {number[]} point @returns {[number, number]} */
    place: ([x, y]) => {
      const [centerX, centerY, half] = model.get("_frame");
      return [(x - centerX) / half, (y - centerY) / half];
    },
  };
}
