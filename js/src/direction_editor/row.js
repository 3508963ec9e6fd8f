import { replaced } from "../controls/conditions.js";
import { sigmas } from "../controls/sigmas.js";
import { createSlider } from "../controls/slider.js";
import { element } from "../dom/element.js";
import { icon } from "../dom/svg.js";
import { amountAt, moveAlong } from "./control.js";

const STEP = 0.1;
const DIGITS = 2;
/** Directions that are held still take part of a move away. Where less than this is left, it is said. */
const LITTLE = 0.25;
/** Less than this is called nothing. */
const NOTHING = 0.005;
/** How much can be typed, in sigmas; the slider then reaches as far. */
const FARTHEST_AMOUNT = 1000;
const OPEN =
  "M5 7V5a3 3 0 0 1 5.8-1h1.6A4.5 4.5 0 0 0 3.5 5v2H3v7h10V7zM8 9a1 1 0 0 1 .7 1.7V12H7.3v-1.3A1 1 0 0 1 8 9z";
const SHUT =
  "M3.5 7V5a4.5 4.5 0 0 1 9 0v2h.5v7H3V7zM5 7h6V5a3 3 0 0 0-6 0zm3 2a1 1 0 0 1 .7 1.7V12H7.3v-1.3A1 1 0 0 1 8 9z";
const BACK = "M8 3V.5L4.5 4 8 7.5V4.5a3.75 3.75 0 1 1-3.75 3.75h-1.5A5.25 5.25 0 1 0 8 3z";
const EYE =
  "M8 3C4.5 3 2 5.5.8 8c1.2 2.5 3.7 5 7.2 5s6-2.5 7.2-5C14 5.5 11.5 3 8 3zm0 8.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7zM8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z";

/**
 * Parts of editors, of which most have some. Their code comes from the kernel where it is needed.
 * @typedef {object} Parts
 * @property {typeof import("../parts/cells.js").default} [cells] where a direction acts
 * @property {typeof import("../parts/effects.js").default} [effects] what each layer of it changes
 * @property {typeof import("../parts/change.js").default} [change] how much it changes the picture
 * @property {typeof import("../parts/curve.js").default} [curve] what moving along it does
 * @property {typeof import("../parts/leakage.js").default} [leakage] what else the edit moves
 * @property {typeof import("../parts/typicality.js").default} [typicality] where the latent stands
 * @property {typeof import("../parts/preview.js").default} [preview] what a slider does before it is moved
 * @property {typeof import("../parts/pull.js").default} [pull] what is grabbed in the picture moves
 */
/** @typedef {ReturnType<NonNullable<Parts["effects"]>>} LayerEffects */
/** @typedef {ReturnType<NonNullable<Parts["typicality"]>>} Typicality */
/** @typedef {ReturnType<NonNullable<Parts["change"]>>} Changes */

/**
 * What the kernel says of a direction.
 * @typedef {object} About
 * @property {string} name
 * @property {string} badge its score, as short as can be
 * @property {string} note how it was found, and all that is known
 * @property {number | null} score
 * @property {string} warning why not to believe it
 * @property {number[]} layers numbers of those at which it can act; none where there are no layers
 */

/**
 * How long one sigma is under the conditions of now, in the space's own unit.
 * @typedef {object} Unit
 * @property {number} size
 * @property {string} words "{}" stands for the number; empty where there is no such unit
 */

/**
 * One direction: its slider, what the latent reads of it, and what is known of it.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {About} about
 * @param {number} axis
 * @param {object} on
 * @param {(name: string, held: boolean) => void} on.hold
 * @param {() => void} on.hide
 * @param {(name: string, full: boolean) => void} on.full
 * @param {(name: string, weights: number[]) => void} on.paint called with the weight of every layer
 * @param {{ changes?: Changes, standing?: Typicality }} known
 * @param {Parts} parts
 * @param {AbortSignal} signal
 */
export function createRow(stage, about, axis, on, { changes, standing }, parts, signal) {
  const { model } = stage;
  const { name } = about;
  const slider = createSlider({
    label: name,
    scale: scaleOf(),
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
  const zero = element("div", { class: "lw-zero" });
  const begin = element("div", { class: "lw-origin", title: "the base" });
  const ends = element("div", { class: "lw-ends", "aria-hidden": "true" });
  const readings = createReadings(place);
  slider.track.prepend(zero, begin, ends);
  slider.track.append(readings.ticks);
  standing?.shade(slider, axis, () => model.get("_ranges")[axis], signal);
  const still = `Hold ${name} still`;
  const hold = element("input", { type: "checkbox", "aria-label": still });
  const holder = element("label", { class: "lw-hold", title: still, "data-lw-kernel": "room" }, [
    hold,
    icon(OPEN),
    icon(SHUT),
  ]);
  const back = button("lw-reset", BACK, `Reset ${name}`);
  const hide = button("lw-hide", EYE, `Hide ${name}: its edit stays`);
  back.tabIndex = -1; // a key on the slider does it too
  const warn = element("span", { class: "lw-warn", text: "⚠", tabindex: 0, role: "img" });
  // Shown while the sign has the focus: its title is only shown to a mouse.
  const tip = element("div", { class: "lw-tip" });
  // One layer alone leaves nothing to choose.
  const cells =
    about.layers.length > 1 &&
    parts.cells?.({
      name,
      layers: model.get("_layers"),
      acting: about.layers,
      onPaint: (weights) => on.paint(name, weights),
      signal,
    });
  const title = element("span", { class: "lw-name", text: name });
  const delta = changes?.badge();
  /** @type {ReturnType<NonNullable<Parts["curve"]>> | undefined} */
  let curve;
  const row = element("div", { class: "lw-row", role: "group", "aria-label": name }, [
    holder,
    element("div", { class: "lw-about" }, [
      title,
      warn,
      ...(about.badge
        ? [element("span", { class: "lw-badge", text: about.badge, title: about.note })]
        : []),
      ...(delta ? [delta.root] : []),
    ]),
    slider.track,
    slider.number,
    back,
    hide,
    ...(cells ? [cells.root] : []),
    tip,
  ]);

  /** What is shown at a position from 0 to 1. @param {number} t */
  function spot(t) {
    const amount = amountAt(model, axis, t);
    return { at: replaced(stage.at, axis, amount), label: short(amount) };
  }
  parts.preview?.(stage, { name: title, track: slider.track, range: slider.range, spot }, signal);

  // Who takes hold of a slider wants to move it: its strip is decoded first.
  for (const type of ["pointerdown", "focus"]) {
    slider.range.addEventListener(type, () => stage.grab(axis), { signal });
  }
  back.addEventListener("click", reset, { signal });
  hide.addEventListener("click", on.hide, { signal });
  warn.addEventListener("focus", () => tip.scrollIntoView({ block: "nearest" }), { signal });
  hold.addEventListener("change", () => on.hold(name, hold.checked), { signal });

  function scaleOf() {
    const [low, high] = model.get("_ranges")[axis];
    return { low, high, step: STEP };
  }

  function origin() {
    return model.get("_origin")[axis];
  }

  /** How long some sigmas are in the space's own unit. @param {number} amount @param {string} before */
  function inUnits(amount, before) {
    /** @type {Unit} */
    const { size, words } = model.get("_units")[axis];
    return words && before + words.replace("{}", String(+Math.abs(size * amount).toPrecision(2)));
  }

  /** @param {number} amount */
  function place(amount) {
    const { low, high } = scaleOf();
    return Math.min(1, Math.max(0, (amount - low) / (high - low)));
  }

  function reset() {
    moveAlong(stage, axis, origin(), true);
    return true;
  }

  /**
   * Show what the model says of this direction.
   * @param {number} middle where zero lies in all rows, from 0 to 1
   */
  function followSettings(middle) {
    const scale = scaleOf();
    const { low, high } = scale;
    slider.setScale(scale);
    // As large as both sides allow, so that zero lies there.
    const unit = Math.min(
      low < 0 ? middle / -low : Infinity,
      high > 0 ? (1 - middle) / high : Infinity,
    );
    row.style.setProperty("--lw-from", String(middle + low * unit));
    row.style.setProperty("--lw-to", String(middle + high * unit));
    zero.style.setProperty("--lw-at", String(place(0)));
    begin.style.setProperty("--lw-at", String(place(origin())));
    begin.hidden = origin() === 0;
    ends.replaceChildren(...[low, high].map((end) => element("span", { text: short(end) })));
    hold.checked = model.get("hold").includes(name);
    row.classList.toggle("lw-held", hold.checked);
    title.title = `${name}, ${about.note}${inUnits(1, ", 1 σ is ")}`;
    const text = `${about.warning} ${shortened(model.get("_left")[axis])}`.trim();
    warn.hidden = !text;
    warn.title = tip.textContent = text;
    warn.ariaLabel = `Warning: ${text}`;
  }

  /**
   * @param {number[]} read what the readout says of every base
   * @param {import("../parts/cells.js").Effects} [effects] of its layers
   */
  function follow(read, effects) {
    if (cells) cells.show(model.get("profiles")[name], effects);
    const amount = stage.at[axis];
    slider.show(amount);
    row.classList.toggle("lw-moved", amount !== origin());
    slider.number.title = inUnits(amount - origin(), "");
    slider.range.ariaDescription = `reads ${read.map(sigmas).join(", ")}${followCurve(amount)}`;
    readings.show(read);
    if (changes) delta?.show(changes.of(axis), changes.most());
  }

  /** What one sigma changes, as a share of the range of the picture; −1 where it is not known. */
  function change() {
    return changes?.of(axis)?.[0] ?? -1;
  }

  /** Draw what was measured along the slider, if it was, and say what was at an amount. @param {number} amount */
  function followCurve(amount) {
    /** @type {import("../parts/curve.js").Curve | undefined} */
    const known = model.get("_curves")[name];
    if (known && !curve && parts.curve) {
      curve = parts.curve({ onFull: (full) => on.full(name, full), signal });
      tip.before(curve.root);
    }
    const said = curve?.show(known, scaleOf(), amount);
    return said ? `. ${said}` : "";
  }

  return { row, about, axis, setBuffer: slider.setBuffer, change, followSettings, follow };
}

/**
 * Ticks on a slider where the readout of its direction is, one for every base.
 * @param {(amount: number) => number} place where on the slider an amount is, from 0 to 1
 */
function createReadings(place) {
  const ticks = element("div", { class: "lw-readings" });

  /** @param {number[]} readings */
  function show(readings) {
    if (ticks.children.length !== readings.length) {
      ticks.replaceChildren(...readings.map(() => element("span", { class: "lw-reading" })));
    }
    for (const [i, reading] of readings.entries()) {
      const tick = /** @type {HTMLElement} */ (ticks.children[i]);
      const at = place(reading);
      tick.style.setProperty("--lw-at", String(at));
      tick.classList.toggle("lw-below", at === 0);
      tick.classList.toggle("lw-above", at === 1);
      tick.title = `reads ${sigmas(reading)}`;
      tick.dataset.lwReading = String(reading);
    }
  }

  return { ticks, show };
}

/**
 * Say so where directions that are held still take most of a move away.
 * @param {number} left the share of the move that is left
 */
function shortened(left) {
  if (left >= LITTLE) return "";
  const share = left < NOTHING ? "nothing" : `${Math.round(100 * left)} %`;
  return `What is held leaves ${share} of its move.`;
}

/** The number at an end of a slider. @param {number} amount */
function short(amount) {
  return String(Number(amount.toFixed(Math.abs(amount) < 10 ? 1 : 0))).replace("-", "−");
}

/** @param {string} kind @param {string} path @param {string} label */
function button(kind, path, label) {
  return element(
    "button",
    { type: "button", class: `lw-small ${kind}`, title: label, "aria-label": label },
    [icon(path)],
  );
}
