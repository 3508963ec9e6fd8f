import { element } from "../../dom/element.js";
import { shape } from "../../dom/svg.js";

/** A drawing is this many units wide and high, and stretched to fill its place. */
const SIDE = 1000;
/** How much room is left above and below, as a share of what is drawn. */
const ROOM = 0.1;

/**
 * What was measured at one amount.
 * @typedef {object} Point
 * @property {number} at the amount
 * @property {number | null} value how much it changes there; none where it could not be read
 * @property {number | null} low
 * @property {number | null} high
 * @property {number | null} chance how much chance changes it
 * @property {boolean} damaged
 * @property {string} words all of its numbers
 */

/**
 * A curve, as the kernel has measured it.
 * @typedef {object} Curve
 * @property {Point[]} points from the lowest amount up
 * @property {[below: number | null, above: number | null]} damage the amounts beyond which there is damage; none where none is known
 * @property {boolean} cuts whether the slider ends where damage begins, unless it is full
 * @property {string} doubt why it may not hold for what is set; empty where nothing speaks against it
 * @property {string} words the whole curve, for who does not see it
 * @property {boolean} full whether the slider goes on where damage begins
 * @property {number} [base] the value of the dashed line; 0 if left out
 * @property {number[]} [abrupt] amounts at which the value is marked as abrupt; then no dots are drawn
 */

/** @typedef {(at: number) => number} Share where on the slider an amount is, from 0 to 1 between its ends */

/** The line of a curve, the bands around it, its dots, and the numbers of how high it reaches. */
export function createDrawing() {
  const paths = ["lw-chance", "lw-spread", "lw-base", "lw-effect"].map((name) =>
    shape("path", { class: name }),
  );
  const lines = shape(
    "svg",
    { class: "lw-drawing", viewBox: `0 0 ${SIDE} ${SIDE}`, preserveAspectRatio: "none" },
    paths,
  );
  const dots = element("div");
  const [top, bottom] = [element("span"), element("span")];
  const ends = element("div", { class: "lw-extremes", "aria-hidden": "true" }, [top, bottom]);

  /**
   * @param {Curve} curve
   * @param {Share} share
   * @param {{ low: number, high: number }} scale of the slider
   * @param {string} unit behind the numbers
   */
  function draw({ points, base = 0, abrupt }, share, scale, unit) {
    const seen = points.filter(({ at }) => share(at) >= 0 && share(at) <= 1);
    const { least, most, up } = heightsOf(seen, base);
    /** @param {number} at @param {number} value */
    const place = (at, value) =>
      `${(share(at) * SIDE).toFixed(1)} ${((1 - up(value)) * SIDE).toFixed(1)}`;
    const read = points.filter(({ value }) => value !== null);
    const drawn = [
      bandOf(points, place, ({ chance }) => [-(chance ?? 0), chance ?? 0]),
      bandOf(points, place, ({ value, low, high }) =>
        value === null ? null : [low ?? value, high ?? value],
      ),
      `M${place(scale.low, base)}L${place(scale.high, base)}`,
      read.length > 1 ? `M${read.map(({ at, value }) => place(at, value ?? 0)).join("L")}` : "",
    ];
    for (const [i, path] of paths.entries()) path.setAttribute("d", drawn[i]);
    const marks = abrupt?.map((at) => dot("lw-abrupt", share(at)));
    dots.replaceChildren(...(marks ?? dotsOf(seen, share, up)));
    [top.textContent, bottom.textContent] = [label(most) + unit, label(least) + unit];
  }

  return { lines, dots, ends, draw };
}

/**
 * How far down and up points reach, and how high each value is drawn, from 0 to 1.
 * @param {Point[]} points
 * @param {number} base
 */
function heightsOf(points, base) {
  const values = points.flatMap(({ value, low, high, chance }) => {
    const by = chance ?? 0;
    return [by, -by, ...[value, low, high].filter((one) => one !== null)];
  });
  const [least, most] = [Math.min(base, ...values), Math.max(base, ...values)];
  const room = ROOM * (most - least) || 1;
  const up = (/** @type {number} */ value) => (value - least + room) / (most - least + 2 * room);
  return { least, most, up };
}

/**
 * The outline of what lies between two values at each point; empty where there are too few.
 * @param {Point[]} points
 * @param {(at: number, value: number) => string} place
 * @param {(point: Point) => [number, number] | null} of gives the two
 */
function bandOf(points, place, of) {
  const sides = points.flatMap((point) => {
    const found = of(point);
    return found ? [found.map((value) => place(point.at, value))] : [];
  });
  const around = [...sides.map(([, up]) => up), ...sides.map(([down]) => down).reverse()];
  return sides.length > 1 ? `M${around.join("L")}Z` : "";
}

/** @param {Point[]} points @param {Share} share @param {(value: number) => number} up */
function dotsOf(points, share, up) {
  return points.flatMap(({ at, value, damaged }) => {
    if (value === null) return [];
    const made = dot(damaged ? "lw-dot lw-damaged" : "lw-dot", share(at));
    made.style.bottom = `${100 * up(value)}%`;
    return [made];
  });
}

/** @param {string} name @param {number} share */
function dot(name, share) {
  const made = element("span", { class: name });
  made.style.left = `${100 * share}%`;
  return made;
}

/** @param {number} value */
function label(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(2))).replace("-", "−") : "";
}
