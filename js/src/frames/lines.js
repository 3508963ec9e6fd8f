import { shape } from "../dom/svg.js";

/** A drawing is this many units wide and high, and stretched to fill its place. */
const SIDE = 1000;
/** How many colours of lines there are, see tiles.css. */
const COLOURS = 8;

/** A drawing of lines that fills its place. */
export function createPlot() {
  return shape("svg", {
    class: "lw-plot",
    viewBox: `0 0 ${SIDE} ${SIDE}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
}

/**
 * Draw lines, each in a colour of its own, and where 0 is.
 * @param {Element} plot
 * @param {string[]} paths
 * @param {number} low the value at the bottom
 * @param {number} high
 * @param {number} [first] the colour of the first line
 */
export function drawLines(plot, paths, low, high, first = 0) {
  if (plot.children.length !== paths.length + 1) {
    const lines = paths.map((_, i) =>
      shape("path", { class: `lw-line lw-c${(first + i) % COLOURS}` }),
    );
    plot.replaceChildren(shape("path", { class: "lw-axis" }), ...lines);
  }
  const zero = place(0, low, high);
  const across = low < 0 && high > 0 ? `M0 ${zero}H${SIDE}` : "";
  for (const [i, path] of [across, ...paths].entries()) plot.children[i].setAttribute("d", path);
}

/**
 * A line through values. Where there are more than a person could tell apart, the least and the
 * most of each stretch are drawn, so that no peak is lost.
 * @param {ArrayLike<number>} values
 * @param {number} low
 * @param {number} high
 */
export function pathOf(values, low, high) {
  const last = Math.max(1, values.length - 1);
  /** @param {number} i */
  const point = (i) => `${round((i / last) * SIDE)} ${place(values[i], low, high)}`;
  const step = Math.ceil((2 * values.length) / SIDE);
  const points = [];
  for (let start = 0; start < values.length; start += step) {
    let least = start;
    let most = start;
    for (let i = start + 1; i < Math.min(start + step, values.length); i++) {
      if (values[i] < values[least]) least = i;
      if (values[i] > values[most]) most = i;
    }
    points.push(point(Math.min(least, most)));
    if (least !== most) points.push(point(Math.max(least, most)));
  }
  return `M${points.join("L")}`;
}

/**
 * How far down in the drawing a value is.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
function place(value, low, high) {
  return round(((high - value) / (high - low)) * SIDE);
}

/** @param {number} x */
function round(x) {
  return Math.round(x * 10) / 10;
}
