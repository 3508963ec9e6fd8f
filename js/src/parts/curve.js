import { createButton } from "../controls/button.js";
import { element, listen } from "../dom/element.js";
import { createDamage } from "./curve/damage.js";
import { createDrawing } from "./curve/drawing.js";

/** What is to be seen, for who has never seen it. */
const LEGEND =
  "Line and dots: what was measured; band around it: 95 % of bootstrap samples; grey: what random directions of the same norm change; dashed: without steering; hatched: damage. ";

/** Amounts that differ by less than this look the same, in the box beside a slider too. */
const SAME = 0.0005;

/** Said where damage begins at once on both sides. */
const HARMED =
  "Even the smallest amounts measured, on both sides, do damage: measure smaller ones. ";

/** @typedef {import("./curve/drawing.js").Curve} Curve */

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
  const drawing = createDrawing();
  const damage = createDamage();
  const thumb = element("div", { class: "lw-thumb-line" });
  const plot = element("div", { class: "lw-measured", role: "img" }, [
    ...damage.sides,
    drawing.lines,
    drawing.dots,
    thumb,
  ]);
  const said = element("div", { class: "lw-numbers" });
  const button = createButton("", "", () => onFull?.(!known?.full), signal);
  const under = element("div", { class: "lw-under" }, [said, button]);
  const root = element("div", { class: "lw-curve" }, [plot, drawing.ends, under]);

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
    thumb.style.left = `${100 * share(amount)}%`;
    return say();
  }

  /** @param {Curve} curve */
  function draw(curve) {
    const { cuts, doubt, words, full } = curve;
    drawing.draw(curve, share, { low, high }, unit);
    const [below, above] = curve.damage.map((one) => (one === null ? null : share(one)));
    harmed = damage.show([below, above], root) ? "" : HARMED;
    root.classList.toggle("lw-doubted", doubt !== "");
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
    const elsewhere = Math.abs(nearest.at - at) > SAME ? "nearest: " : "";
    const words = `${known.doubt && `⚠ ${known.doubt} `}${harmed}${elsewhere}${nearest.words}`;
    if (said.textContent !== words) said.textContent = words;
    return words;
  }

  /** Where on the slider an amount is, from 0 to 1 between its ends. @param {number} at */
  function share(at) {
    return (at - low) / (high - low);
  }

  return { root, show };
}
