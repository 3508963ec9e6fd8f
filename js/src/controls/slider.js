import { element, listen } from "../dom/element.js";
import { createNumber } from "./number.js";

/**
 * What a slider runs over.
 * @typedef {object} Scale
 * @property {number} low
 * @property {number} high
 * @property {number} step what an arrow key adds; with Shift a tenth of it, Page Up and Page Down ten times as much
 */

/** How a slider is moved. */
const HOW = "drag, or arrow keys; double-click goes back";
/** What the bar under a slider shows, where some of it is drafts. */
const BAR =
  ". Decoded ahead: a solid line where pictures are finished, a dotted one where they are drafts.";

/**
 * Where on a slider frames are, from 0 to 1.
 * @typedef {object} Spots
 * @property {number[]} whole those that were decoded to the end
 * @property {number[]} drafts
 */

/**
 * Have a place for a frame among the spots of its kind. Drafts that belong to no strip are left
 * out: nobody finishes those of where the thumb was for a moment.
 * @param {Spots} spots
 * @param {number} place
 * @param {{ draft: number, strip: boolean }} frame
 */
export function addSpot(spots, place, { draft, strip }) {
  if (draft === 0) spots.whole.push(place);
  else if (strip) spots.drafts.push(place);
}

/** @returns {Spots} */
export function noSpots() {
  return { whole: [], drafts: [] };
}

/**
 * What a key does to a slider, or null where it is none of its keys.
 * @param {string} key
 * @param {boolean} fine whether Shift is held
 * @param {number} value
 * @param {Scale} scale
 * @returns {number | null}
 */
export function keyed(key, fine, value, { low, high, step }) {
  const near = fine ? step / 10 : step;
  const page = step * 10;
  /** @type {Record<string, number>} */
  const targets = {
    ArrowRight: value + near,
    ArrowUp: value + near,
    ArrowLeft: value - near,
    ArrowDown: value - near,
    PageUp: value + page,
    PageDown: value - page,
    Home: low,
    End: high,
  };
  if (!(key in targets)) return null;
  // Rounded to thousandths, or finer where steps are, so that steps there and back again end where
  // they began.
  const grain = 10 ** Math.max(3, Math.ceil(1 - Math.log10(step)));
  return within(Math.round(targets[key] * grain) / grain, low, high);
}

/**
 * A slider with a number box and a bar that shows where frames are.
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.title what it moves
 * @param {Scale} options.scale
 * @param {() => number} options.initial where a double click goes back to
 * @param {() => number} options.current the value now, which the slider may not show yet: keys go on from there
 * @param {(value: number) => string} options.words
 * @param {number} options.digits in the number box
 * @param {number} [options.farthest] how far from 0 a typed number may be, to both sides; else it stays between the slider's ends
 * @param {(value: number, rest: boolean) => void} options.onMove
 * @param {(key: string) => boolean | void} options.onKey any other key; returns true where the widget uses it
 * @param {(message: string) => void} options.onRefuse told why a typed number is not taken; empty when all is well again
 * @param {AbortSignal} options.signal
 */
export function createSlider(options) {
  const { label, title, initial, current, words, digits, farthest = -Infinity, signal } = options;
  const { onMove, onKey, onRefuse } = options;
  let { scale } = options;
  const range = element("input", {
    type: "range",
    class: "lw-slider",
    step: "any",
    "aria-label": label,
  });
  const typed = `${label}, as a number`;
  const number = createNumber(
    { step: 10 ** -digits, title: typed, "aria-label": typed },
    take,
    signal,
  );
  const buffer = element("div", { class: "lw-buffer", "aria-hidden": "true" });
  const drafted = element("div", { class: "lw-drafted", "aria-hidden": "true" });
  const how = `${title}: ${HOW}`;
  const track = element("div", { class: "lw-track", title: how }, [drafted, buffer, range]);
  /** @type {Map<HTMLElement, string>} */
  const drawn = new Map();
  let shown = initial();
  let refused = false;

  /** @param {number} value @param {boolean} rest */
  function move(value, rest) {
    if (refused) refuse("");
    show(value);
    onMove(value, rest);
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const value = keyed(event.key, event.shiftKey, current(), scale);
    if (value !== null) move(value, true);
    else if (!onKey(event.key)) return;
    event.preventDefault();
  }
  listen(
    range,
    {
      input: () => move(range.valueAsNumber, false),
      change: () => move(range.valueAsNumber, true),
      dblclick: () => move(initial(), true),
      keydown: press,
    },
    signal,
  );

  /** @param {number} value that was typed */
  function take(value) {
    const [low, high] = [Math.min(scale.low, -farthest), Math.max(scale.high, farthest)];
    const near = within(value, low, high);
    // The box rounds, so that an end may stand in it as a number a little beyond.
    if (Math.abs(value - near) > 10 ** -digits) {
      refuse(`${label} goes from ${low} to ${high}, not to ${value}.`);
    } else if (Number.isFinite(value)) move(near, true);
    else if (refused) refuse("");
    number.value = shown.toFixed(digits);
  }

  /** @param {string} message */
  function refuse(message) {
    refused = message !== "";
    number.ariaInvalid = String(refused);
    onRefuse(message);
  }

  /** @param {number} value */
  function show(value) {
    shown = value;
    range.value = String(value);
    range.ariaValueText = words(value) + slider.remark(value);
    if (!number.matches(":focus")) number.value = value.toFixed(digits);
  }

  /** @param {Scale} given */
  function setScale(given) {
    scale = given;
    // The number box has no least: its arrows would count from there instead of from 0.
    range.min = String(scale.low);
    range.max = String(scale.high);
    const longest = Math.max(...[scale.low, scale.high].map((end) => end.toFixed(digits).length));
    if (longest > 5) number.style.minWidth = `calc(${longest}ch + 32px)`;
  }

  /**
   * Show where frames are, and which of them are drafts.
   * @param {Spots} spots
   * @param {number} reach how far to both sides of its position the bar is filled
   */
  function setBuffer({ whole, drafts }, reach) {
    paint(buffer, bufferedGradient(whole, reach, "var(--lw-buffered)"));
    paint(drafted, bufferedGradient(drafts, reach, "var(--lw-drafted)"));
    buffer.dataset.lwFrames = String(whole.length + drafts.length);
    buffer.dataset.lwDrafts = String(drafts.length);
    track.title = how + (drafts.length > 0 ? BAR : "");
  }

  /** @param {HTMLElement} bar @param {string} gradient */
  function paint(bar, gradient) {
    if (gradient === (drawn.get(bar) ?? "none")) return;
    bar.style.backgroundImage = gradient;
    drawn.set(bar, gradient);
  }

  const slider = {
    ...{ track, number, range, show, setScale, setBuffer },
    /** What is said of a value after its words. @param {number} _value @returns {string} */
    remark: (_value) => "",
  };
  setScale(scale);
  return slider;
}

/**
 * Stretches of a bar that have frames, as a CSS gradient.
 * @param {number[]} positions
 * @param {number} reach
 * @param {string} full the colour of stretches that have
 * @returns {string}
 */
export function bufferedGradient(positions, reach, full) {
  /** @type {[number, number][]} */
  const stretches = [];
  for (const t of [...positions].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last && t - reach <= last[1] + 1e-9) last[1] = Math.min(1, t + reach);
    else stretches.push([Math.max(0, t - reach), Math.min(1, t + reach)]);
  }
  const stops = stretches.flatMap(([from, to]) => {
    const [a, b] = [percent(from), percent(to)];
    return [`transparent ${a}`, `${full} ${a}`, `${full} ${b}`, `transparent ${b}`];
  });
  return stops.length > 0 ? `linear-gradient(to right, ${stops.join(", ")})` : "none";
}

/** @param {number} t */
function percent(t) {
  return `${Number((100 * t).toFixed(3))}%`;
}

/**
 * The number of a range that is nearest to another.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function within(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
