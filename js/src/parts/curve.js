import { createButton } from "../controls/button.js";
import { element, listen } from "../dom/element.js";
import { shape } from "../dom/svg.js";

/** A drawing is this many units wide and high, and stretched to fill its place. */
const SIDE = 1000;
/** How much room is left above and below, as a share of what is drawn. */
const ROOM = 0.1;
/** Where damage begins on both sides within this share of the drawing, its marks are short. */
const NEAR = 0.7;
/** Within this share there is no room between them: each mark stands on its own side. */
const TIGHT = 0.35;
/** What is to be seen, for who has never seen it. */
const LEGEND =
  "Line and dots: what was measured; band around it: 95 % of bootstrap samples; grey: what random directions of the same norm change; dashed: without steering; hatched: damage. ";

/** Said where damage begins at once on both sides. */
const HARMED =
  "Even the smallest amounts measured, on both sides, do damage: measure smaller ones. ";

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

/**
 * A curve below a slider, in the slider's own scale: the value at an amount is drawn below the place
 * where the thumb is for it. Numbers are those measured nearest to the thumb, or to the pointer.
 * @param {object} options
 * @param {string} [options.legend] what is to be seen, for who has never seen it
 * @param {string} [options.unit] behind the largest value and the least
 * @param {(full: boolean) => void} [options.onFull] told whether the slider shall go on where damage begins
 * @param {AbortSignal} options.signal
 */
export default function createCurve({ legend = LEGEND, unit = "", onFull, signal }) {
  const paths = ["lw-chance", "lw-spread", "lw-base", "lw-effect"].map((name) =>
    shape("path", { class: name }),
  );
  const drawing = shape(
    "svg",
    { class: "lw-drawing", viewBox: `0 0 ${SIDE} ${SIDE}`, preserveAspectRatio: "none" },
    paths,
  );
  const marks = [element("span"), element("span")];
  const harms = ["lw-harm lw-lower", "lw-harm lw-upper"].map((name, i) =>
    element("div", { class: name, "aria-hidden": "true" }, [marks[i]]),
  );
  const dots = element("div");
  const thumb = element("div", { class: "lw-thumb-line" });
  const plot = element("div", { class: "lw-measured", role: "img" }, [
    ...harms,
    drawing,
    dots,
    thumb,
  ]);
  const ends = element("div", { class: "lw-extremes", "aria-hidden": "true" }, [
    element("span"),
    element("span"),
  ]);
  const said = element("div", { class: "lw-numbers" });
  const button = createButton("", "", () => onFull?.(!known?.full), signal);
  const under = element("div", { class: "lw-under" }, [said, button]);
  const root = element("div", { class: "lw-curve" }, [plot, ends, under]);

  /** @type {Curve | undefined} */
  let known;
  let [low, high, amount] = [0, 1, 0];
  let harmed = "";
  /** @type {number | undefined} the amount below the pointer */
  let pointed;

  listen(
    plot,
    {
      /** @param {PointerEvent} event */
      pointermove({ clientX }) {
        const { left, width } = plot.getBoundingClientRect();
        pointed = low + (high - low) * (width > 0 ? (clientX - left) / width : 0);
        say();
      },
      pointerleave() {
        pointed = undefined;
        say();
      },
    },
    signal,
  );

  /**
   * Show a curve, or none.
   * @param {Curve | undefined} curve
   * @param {{ low: number, high: number }} scale of the slider
   * @param {number} now where its thumb is
   * @returns {string} what is to be said of where the thumb is
   */
  function show(curve, scale, now) {
    root.hidden = !curve;
    const same = curve === known && scale.low === low && scale.high === high;
    known = curve;
    if (!curve) return "";
    ({ low, high } = scale);
    amount = now;
    if (!same) draw(curve);
    thumb.style.left = percent(amount);
    return say();
  }

  /** @param {Curve} curve */
  function draw({ points, damage, cuts, doubt, words, full, base = 0, abrupt }) {
    const seen = points.filter(({ at }) => share(at) >= 0 && share(at) <= 1);
    const values = seen.flatMap(({ value, low, high, chance }) => {
      const by = chance ?? 0;
      return [by, -by, ...[value, low, high].filter((one) => one !== null)];
    });
    const [least, most] = [Math.min(base, ...values), Math.max(base, ...values)];
    const room = ROOM * (most - least) || 1;
    /** @param {number} value */
    const up = (value) => (value - least + room) / (most - least + 2 * room);
    /** @param {number} at @param {number} value */
    const place = (at, value) =>
      `${(share(at) * SIDE).toFixed(1)} ${((1 - up(value)) * SIDE).toFixed(1)}`;
    /** @param {(point: Point) => [number, number] | null} of */
    const band = (of) => {
      const sides = points.flatMap((point) => {
        const found = of(point);
        return found ? [found.map((value) => place(point.at, value))] : [];
      });
      const around = [...sides.map(([, up]) => up), ...sides.map(([down]) => down).reverse()];
      return sides.length > 1 ? `M${around.join("L")}Z` : "";
    };
    const read = points.filter(({ value }) => value !== null);
    const lines = [
      band(({ chance }) => [-(chance ?? 0), chance ?? 0]),
      band(({ value, low, high }) => (value === null ? null : [low ?? value, high ?? value])),
      `M${place(low, base)}L${place(high, base)}`,
      read.length > 1 ? `M${read.map(({ at, value }) => place(at, value ?? 0)).join("L")}` : "",
    ];
    for (const [i, path] of paths.entries()) path.setAttribute("d", lines[i]);
    dots.replaceChildren(
      ...(abrupt ?? []).map((at) => {
        const mark = element("span", { class: "lw-abrupt" });
        mark.style.left = percent(at);
        return mark;
      }),
      ...seen.flatMap(({ at, value, damaged }) => {
        if (value === null || abrupt) return [];
        const dot = element("span", { class: damaged ? "lw-dot lw-damaged" : "lw-dot" });
        dot.style.left = percent(at);
        dot.style.bottom = `${100 * up(value)}%`;
        return [dot];
      }),
    );
    for (const [i, side] of ["right", "left"].entries()) {
      const from = damage[i];
      const inside = from !== null && share(from) >= 0 && share(from) <= 1;
      harms[i].hidden = !inside;
      if (!inside) continue;
      const at = share(from);
      harms[i].style.setProperty(side, `${100 * (side === "left" ? at : 1 - at)}%`);
    }
    // Between the two there may be no room for more.
    const [below, above] = damage.map((one) => (one === null ? null : share(one)));
    const between = below === null || above === null ? 1 : above - below;
    const what = between < NEAR ? "damage" : "damage from here";
    root.classList.toggle("lw-tight", between < TIGHT);
    // Where there is none the two would meet, and say nothing that the sentence does not.
    marks[0].textContent = between > 0 ? `← ${what}` : "";
    marks[1].textContent = between > 0 ? `${what} →` : "";
    const [top, bottom] = ends.children;
    [top.textContent, bottom.textContent] = [label(most) + unit, label(least) + unit];
    root.classList.toggle("lw-doubted", doubt !== "");
    root.classList.toggle(
      "lw-harmful",
      harms.some(({ hidden }) => !hidden),
    );
    harmed = between > 0 ? "" : HARMED;
    plot.ariaLabel = `${doubt} ${harmed}${words}`.trim();
    plot.title = legend + words;
    button.hidden = !cuts;
    button.textContent = full ? "Up to damage" : "Full range";
    button.title = full
      ? "Let the slider end where damage begins"
      : "Let the slider go on where damage begins";
  }

  /** Say what was measured nearest to the pointer, or else to the thumb. */
  function say() {
    if (!known) return "";
    const at = pointed ?? amount;
    const nearest = known.points.reduce((best, point) =>
      Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best,
    );
    const words = `${known.doubt && `⚠ ${known.doubt} `}${harmed}${nearest.words}`;
    if (said.textContent !== words) said.textContent = words;
    return words;
  }

  /** Where on the slider an amount is, from 0 to 1 between its ends. @param {number} at */
  function share(at) {
    return (at - low) / (high - low);
  }

  /** @param {number} at */
  function percent(at) {
    return `${100 * share(at)}%`;
  }

  return { root, show };
}

/** @param {number} value */
function label(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(2))).replace("-", "−") : "";
}
