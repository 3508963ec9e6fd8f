import { element } from "./dom.js";

const STEP = 0.01;
const FINE_STEP = 0.001;
const PAGE_STEP = 0.1;

/**
 * What a key does to a slider from 0 to 1, or null where it is none of its keys.
 * @param {string} key
 * @param {boolean} fine whether Shift is held
 * @param {number} value
 * @returns {number | null}
 */
export function keyed(key, fine, value) {
  const step = fine ? FINE_STEP : STEP;
  /** @type {Record<string, number>} */
  const targets = {
    ArrowRight: value + step,
    ArrowUp: value + step,
    ArrowLeft: value - step,
    ArrowDown: value - step,
    PageUp: value + PAGE_STEP,
    PageDown: value - PAGE_STEP,
    Home: 0,
    End: 1,
  };
  if (!(key in targets)) return null;
  // Whole thousandths, so that steps there and back again arrive where they began.
  return Math.min(1, Math.max(0, Math.round(targets[key] * 1000) / 1000));
}

/**
 * A slider from 0 to 1 with a number box, marks and a bar that shows where frames are.
 * @param {object} options
 * @param {string} options.label
 * @param {number} options.initial where a double click goes back to
 * @param {(value: number, rest: boolean) => void} options.onMove
 * @param {() => void} options.onSpace
 * @param {AbortSignal} options.signal
 */
export function createSlider({ label, initial, onMove, onSpace, signal }) {
  const range = element("input", {
    type: "range",
    class: "lw-slider",
    min: 0,
    max: 1,
    step: "any",
    "aria-label": label,
  });
  const number = element("input", {
    type: "number",
    class: "lw-number",
    min: 0,
    max: 1,
    step: FINE_STEP,
    "aria-label": `${label}, as a number`,
  });
  const buffer = element("div", { class: "lw-buffer", "aria-hidden": "true" });
  const marks = element("div", { class: "lw-marks" });
  const track = element("div", { class: "lw-track" }, [buffer, range, marks]);
  let drawn = "";

  /** @param {number} value @param {boolean} rest */
  function move(value, rest) {
    show(value);
    onMove(value, rest);
  }

  range.addEventListener("input", () => move(range.valueAsNumber, false), { signal });
  range.addEventListener("change", () => move(range.valueAsNumber, true), { signal });
  range.addEventListener("dblclick", () => move(initial, true), { signal });
  range.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const value = keyed(event.key, event.shiftKey, range.valueAsNumber);
      if (value !== null) move(value, true);
      else if (event.key === " ") onSpace();
      else return;
      event.preventDefault();
    },
    { signal },
  );
  function take() {
    const value = number.valueAsNumber;
    if (Number.isFinite(value)) move(Math.min(1, Math.max(0, value)), true);
    number.value = range.valueAsNumber.toFixed(3);
  }
  number.addEventListener("change", take, { signal });
  // Notebooks keep Enter for themselves before it becomes a change.
  number.addEventListener("keydown", (event) => event.key === "Enter" && take(), { signal });

  /** @param {number} value */
  function show(value) {
    range.value = String(value);
    range.setAttribute("aria-valuetext", `t = ${value.toFixed(3)}`);
    range.style.setProperty("--lw-at", String(value));
    if (number !== number.ownerDocument.activeElement) number.value = value.toFixed(3);
  }

  /**
   * Show where the anchors are; a click goes there.
   * @param {number[]} places
   */
  function setMarks(places) {
    marks.replaceChildren(
      ...places.map((t, i) => {
        const name = `anchor ${i + 1}, t = ${Number(t.toFixed(3))}`;
        const mark = element("button", {
          type: "button",
          class: "lw-mark",
          title: name,
          "aria-label": `Go to ${name}`,
          tabindex: -1,
          style: `--lw-at: ${t}`,
        });
        mark.addEventListener("click", () => move(t, true), { signal });
        return mark;
      }),
    );
  }

  /**
   * Show where frames are.
   * @param {number[]} positions
   * @param {number} reach how far around its position a frame counts
   */
  function setBuffer(positions, reach) {
    const gradient = bufferedGradient(positions, reach);
    if (gradient !== drawn) buffer.style.backgroundImage = drawn = gradient;
    buffer.dataset.lwFrames = String(positions.length);
  }

  return { track, number, range, show, setMarks, setBuffer };
}

/**
 * Stretches of a bar that have frames, as a CSS gradient.
 * @param {number[]} positions
 * @param {number} reach
 * @returns {string}
 */
export function bufferedGradient(positions, reach) {
  /** @type {[number, number][]} */
  const stretches = [];
  for (const t of [...positions].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last && t - reach <= last[1] + 1e-9) last[1] = Math.min(1, t + reach);
    else stretches.push([Math.max(0, t - reach), Math.min(1, t + reach)]);
  }
  const full = "var(--lw-buffered)";
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
