import { element } from "../dom/element.js";
import { importCode } from "../loader/index.js";
import { stripLevels } from "../stage/strip.js";

/** Of many choices no more than this are decoded ahead, and for no longer than this. */
const MOST_CHOICES = 64;
const MOST_MS = 30_000;
/** Strips of controls that are not in hand are decoded no finer than this level. */
const DEEPEST = 3;

/** @typedef {import("@anywidget/types").AnyModel} Model */
/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../stage/stage.js").Control} Control */
/** @typedef {import("../stage/strip.js").Strip} Strip */

/**
 * What the kernel says of a condition. Its coordinate is the number itself, or the position of a
 * choice; all conditions come after the widget's own coordinates.
 * @typedef {object} About
 * @property {string} name
 * @property {number} default
 * @property {number} low
 * @property {number} high
 * @property {number} [step] of a number
 * @property {(string | number)[]} [choices]
 */

/**
 * The conditions that can be moved.
 * @param {Model} model
 * @returns {About[]}
 */
export function conditionsOf(model) {
  return model.get("_conditions") ?? [];
}

/**
 * The widget's own coordinates, without those of conditions.
 * @param {Stage} stage
 */
export function ownAt({ at, model }) {
  return at.slice(0, at.length - conditionsOf(model).length);
}

/**
 * The coordinates of other places under the conditions of now.
 * @param {Stage} stage
 * @param {number[]} own
 */
export function under({ at, model }, own) {
  const count = conditionsOf(model).length;
  return count > 0 ? [...own, ...at.slice(at.length - count)] : own;
}

/**
 * Say under which conditions a frame is: with a comma before each, nothing where there are none.
 * @param {Model} model
 * @param {number[]} at all coordinates
 * @param {number[]} [known] coordinates whose conditions need not be said again
 */
export function conditionWords(model, at, known) {
  const abouts = conditionsOf(model);
  const first = at.length - abouts.length;
  const told = abouts.map((about, i) => {
    const x = at[first + i];
    return x === known?.[first + i] ? "" : `, ${wordsOf(about, x)}`;
  });
  return told.join("");
}

/**
 * A control with one coordinate more for each condition, which the model holds by name.
 * @template {Control} C
 * @param {Model} model
 * @param {C & { cells?: boolean }} control `cells`: what it wants ahead are many places that are seen at once
 * @returns {C & { idle: boolean }}
 */
export function withConditions(model, control) {
  return {
    idle: false,
    ...control,
    read() {
      const values = model.get("conditions");
      return [
        ...control.read(),
        ...conditionsOf(model).map((about) => coordinateOf(about, values[about.name])),
      ];
    },
    write(at) {
      const abouts = conditionsOf(model);
      const first = at.length - abouts.length;
      control.write(at.slice(0, first));
      const values = model.get("conditions");
      const moved = abouts
        .map((about, i) => ({ about, x: at[first + i] }))
        .filter(({ about, x }) => coordinateOf(about, values[about.name]) !== x)
        .map(({ about, x }) => [about.name, about.choices?.[x] ?? x]);
      if (moved.length > 0) {
        model.set("conditions", { ...values, ...Object.fromEntries(moved) });
      }
    },
    *strips(stage) {
      const abouts = conditionsOf(model);
      const first = stage.at.length - abouts.length;
      const inHand = stage.axis >= first ? stage.axis : -1;
      if (inHand >= 0 && !control.cells) yield along(stage, abouts[inHand - first], inHand);
      for (const strip of control.strips.call(this, stage)) {
        yield placed(strip, (own) => under(stage, own.slice(0, first)));
      }
      if (!this.idle || abouts.length === 0) return;
      for (const [i, about] of abouts.entries()) {
        const axis = first + i;
        const levels = levelsOf(stage, about, axis, DEEPEST);
        if (!control.cells) {
          if (axis !== inHand) yield { ...along(stage, about, axis), levels };
        } else if (axis === inHand) yield* cellsAlong(stage, control, about, axis, levels);
      }
    },
  };
}

/**
 * All that can be seen at once, at the nearest values of a condition.
 * @param {Stage} stage
 * @param {Control} control
 * @param {About} about
 * @param {number} axis
 * @param {Map<number, number>} levels
 * @returns {Iterable<Strip>}
 */
function* cellsAlong(stage, control, about, axis, levels) {
  const strips = [...control.strips(stage)];
  const cells = strips.reduce((sum, strip) => sum + strip.levels.size, 0);
  const thumb = share(about, stage.at[axis]);
  const near = [...levels.keys()].sort((s, t) => Math.abs(s - thumb) - Math.abs(t - thumb));
  const most = Math.floor(MOST_MS / 3 / Math.max(1, cells * stage.frameMs));
  for (const t of near.slice(0, Math.min(most, 2 * DEEPEST))) {
    for (const strip of strips) {
      yield placed(strip, (own) => replaced(under(stage, own), axis, place(about, t)));
    }
  }
}

/**
 * The frames along one condition, from where all else is.
 * @param {Stage} stage
 * @param {About} about
 * @param {number} axis
 * @returns {Strip}
 */
function along(stage, about, axis) {
  const { at } = stage;
  return {
    levels: levelsOf(stage, about, axis),
    thumb: share(about, at[axis]),
    at: (t) => replaced(at, axis, place(about, t)),
  };
}

/**
 * The positions worth having along a condition, and how coarse each is.
 * @param {Stage} stage
 * @param {About} about
 * @param {number} axis
 * @param {number} [deepest]
 * @returns {Map<number, number>}
 */
function levelsOf({ at, frameMs, model }, about, axis, deepest = Infinity) {
  if (!about.choices) {
    const all = stripLevels(model.get("strip_length"), [], frameMs);
    return new Map([...all].filter(([, level]) => level <= deepest));
  }
  const most = Math.min(MOST_CHOICES, Math.max(2, Math.floor(MOST_MS / frameMs)));
  const near = about.choices
    .map((_, i) => i)
    .sort((i, j) => Math.abs(i - at[axis]) - Math.abs(j - at[axis]));
  return new Map(near.slice(0, most).map((i) => [share(about, i), 0]));
}

/**
 * What makes the control of a condition: the default export of a part.
 * @typedef {(stage: Stage, about: About, index: number, signal: AbortSignal) => { field: HTMLElement, follow: () => void }} CreateField
 */

/**
 * Controls for all conditions: a menu for choices, a slider for a number or many
 * whole ones. Their code comes from the
 * kernel where a decoder has conditions.
 * @param {Stage} stage
 * @param {AbortSignal} signal
 */
export function createConditions(stage, signal) {
  const { model } = stage;
  const rows = element("div", { class: "lw-condition-rows" });
  const about = { class: "lw-conditions", role: "group", "aria-label": "Conditions" };
  const box = element("div", about, [rows]);
  /** @type {CreateField | undefined} */
  let createField;
  /** @type {ReturnType<CreateField>[]} */
  let fields = [];
  /** @type {About[] | undefined} */
  let built;
  let lifetime = new AbortController();
  signal.addEventListener("abort", () => lifetime.abort());

  async function load() {
    createField = (await importCode(model, model.get("_dials"))).module.default;
    build();
    follow();
  }

  function build() {
    lifetime.abort();
    lifetime = new AbortController();
    built = model.get("_conditions");
    const abouts = conditionsOf(model);
    box.hidden = abouts.length === 0;
    const make = createField;
    fields = make ? abouts.map((one, i) => make(stage, one, i, lifetime.signal)) : [];
    rows.replaceChildren(...fields.map(({ field }) => field));
    if (!make && abouts.length > 0) load();
  }

  function follow() {
    if (model.get("_conditions") !== built) build();
    for (const { follow } of fields) follow();
  }

  build();
  return { box, follow };
}

/** @param {About} about @param {unknown} value */
function coordinateOf(about, value) {
  const { choices } = about;
  if (choices) return Math.max(0, choices.indexOf(/** @type {string | number} */ (value)));
  return typeof value === "number" ? value : about.default;
}

/** @param {About} about @param {number} x */
export function wordsOf({ name, choices }, x) {
  const choice = choices?.[x];
  if (typeof choice === "string") return choice;
  return `${name} ${Number((choice ?? x).toPrecision(4))}`.replace("-", "−");
}

/** Where a coordinate is, from 0 to 1. @param {About} about @param {number} x */
export function share({ low, high }, x) {
  return high > low ? (x - low) / (high - low) : 0;
}

/** The coordinate at a position from 0 to 1. @param {About} about @param {number} t */
export function place({ low, high, choices }, t) {
  const x = low + t * (high - low);
  return choices ? Math.round(x) : x;
}

/** @param {number[]} at @param {number} axis @param {number} x */
export function replaced(at, axis, x) {
  return at.map((y, i) => (i === axis ? x : y));
}

/** @param {Strip} strip @param {(own: number[]) => number[]} to @returns {Strip} */
function placed(strip, to) {
  return { ...strip, at: (t) => to(strip.at(t)) };
}
