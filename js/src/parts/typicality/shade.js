import { bufferedGradient } from "../../controls/slider.js";
import { atEnd, element, listen } from "../../dom/element.js";
import { PLACES } from "./standings.js";

/** How the shade on a slider is explained, before what is wrong there. */
const ASTRAY = "Here the latent leaves what is ordinary:";

/** @typedef {import("./standings.js").Track} Track */

/**
 * Shade a slider where it leaves what is ordinary, and say so of its value and of the mouse.
 * @param {import("./standings.js").Standings} standings
 * @param {{ track: HTMLElement, range: HTMLElement, remark: (value: number) => string }} slider
 * @param {number} axis the number of its coordinate
 * @param {() => number[]} ends its least and its most
 * @param {AbortSignal} signal
 */
export function shade({ shaded, standingAt }, slider, axis, ends, signal) {
  const { track, range } = slider;
  const shadow = element("div", { class: "lw-astray", "aria-hidden": "true" });
  track.prepend(shadow);
  /** @type {Track | undefined} */
  let shown;

  /** @param {Track | undefined} found */
  function show(found) {
    if (found === shown) return;
    shown = found;
    const places = found?.places ?? [];
    const odd = places.flatMap(({ test }, i) => (test ? [i / (PLACES - 1)] : []));
    shadow.style.backgroundImage = bufferedGradient(odd, 0.5 / (PLACES - 1), "var(--lw-warn)");
    shadow.dataset.lwPlaces = String(odd.length);
    if (!found) range.title = "";
  }

  /** What is said of a value where the slider is shaded. @param {number} value */
  function explain(value) {
    const found = standingAt(axis, ends, value);
    return found?.test ? `${ASTRAY} ${found.words}.` : "";
  }

  /** @param {PointerEvent} event */
  function point({ clientX }) {
    const { left, width } = shadow.getBoundingClientRect();
    if (width === 0) return;
    const [low, high] = ends();
    // The shade begins and ends where the middle of the thumb does: half a thumb from the edge.
    const share = Math.min(1, Math.max(0, (clientX - left) / width));
    range.title = explain(low + share * (high - low));
  }

  const one = { axis, ends, show };
  shaded.add(one);
  slider.remark = (value) => {
    const words = explain(value);
    return words && `. ${words}`;
  };
  listen(range, { pointermove: point, pointerleave: () => (range.title = "") }, signal);
  atEnd(signal, () => shaded.delete(one));
}
