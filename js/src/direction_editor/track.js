import { sigmas } from "../controls/sigmas.js";
import { createSlider } from "../controls/slider.js";
import { div, element, listen } from "../dom/element.js";
import { short } from "./amounts.js";
import { moveAlong } from "./control.js";
import { createReadings } from "./readings.js";

const DIGITS = 2;
/** How much can be typed, in sigmas; the slider then reaches as far. */
const FARTHEST_AMOUNT = 1000;

/**
 * The slider of one direction, and what is drawn on it: where zero is, where the base is, the numbers
 * at its ends, and what the latents read.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {string} name
 * @param {number} axis
 * @param {import("./amounts.js").Amounts} amounts
 * @param {{ units?: typeof import("../parts/units.js").default }} parts
 * @param {AbortSignal} signal
 */
export function createTrack(stage, name, axis, { scale, origin, place }, parts, signal) {
  /** @type {ReturnType<typeof import("../parts/units.js").default> | undefined} */
  let units;
  const slider = createSlider({
    label: name,
    title: name,
    scale: scale(),
    initial: origin,
    current: () => stage.at[axis],
    words: (amount) => `${name} ${sigmas(amount)}${inUnits(amount - origin(), ", ")}`,
    digits: DIGITS,
    farthest: FARTHEST_AMOUNT,
    onMove: (amount, rest) => moveAlong(stage, axis, amount, rest),
    onKey: (key) => (key === "0" || key === "Delete") && reset(),
    onRefuse: (message) => stage.refuse(message),
    signal,
  });
  const { number, track, range } = slider;
  const zero = div("lw-zero");
  const begin = div("lw-origin");
  const ends = element("div", { class: "lw-ends", "aria-hidden": "true" });
  const readings = createReadings(place);
  track.prepend(zero, begin, ends);
  track.append(readings.ticks);

  // Who takes hold of a slider wants to move it: its strip is decoded first.
  const grab = () => stage.grab(axis);
  listen(range, { pointerdown: grab, focus: grab }, signal);

  function reset() {
    moveAlong(stage, axis, origin(), true);
    return true;
  }

  /** How long some sigmas are in the space's own unit, where it has one. @param {number} amount @param {string} before */
  function inUnits(amount, before) {
    return units ? before + units.words(amount) : "";
  }

  /** Show how far it goes, and from where. */
  function followSettings() {
    units ??= parts.units?.(stage.model, axis);
    const given = scale();
    slider.setScale(given);
    zero.style.setProperty("--lw-at", `${place(0)}`);
    begin.style.setProperty("--lw-at", `${place(origin())}`);
    begin.hidden = origin() === 0;
    const [low, high] = [given.low, given.high].map((end) => element("span", { text: short(end) }));
    ends.replaceChildren(low, units?.root ?? "", high);
  }

  /** Show where it is. @param {number[]} read what the readout says of every base */
  function follow(read) {
    const amount = stage.at[axis];
    slider.show(amount);
    number.title = inUnits(amount - origin(), "") || `${number.ariaLabel}`;
    units?.show(amount - origin());
    readings.show(read);
  }

  return { slider, reset, inUnits, followSettings, follow };
}
