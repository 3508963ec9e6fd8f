/**
 * A spot: the row of a latent (or less than 0 for what else lies there), and its point on the map.
 * @typedef {[row: number, x: number, y: number]} Spot
 */

/** What an empty spot between the points is called. */
export const GROUND = -1;

/**
 * What is shown: what the mouse is over, or else the spot the person went to.
 * @param {import("@anywidget/types").AnyModel} model
 */
export function createControl(model) {
  /** @type {Spot | null} */
  let over = null;
  return {
    /** @param {Spot | null} spot */
    hover: (spot) => {
      over = spot;
    },
    /** @returns {Spot} */
    read: () => over ?? model.get("_spot"),
    // Where the person goes is written when they click; what they only look at is not.
    write: () => {},
    // There is no saying which point a mouse comes to next.
    strips: () => [],
  };
}

/**
 * Places in [-1, 1], as the scatter plot has them, and points of the map.
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
