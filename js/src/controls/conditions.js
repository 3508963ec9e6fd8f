import { element } from "../dom/element.js";
import { moduleOf } from "../loader/parts.js";

/** @typedef {import("@anywidget/types").AnyModel} Model */
/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../stage/stage.js").Control} Control */
/** @typedef {import("../stage/strip.js").Strip} Strip */

/**
 * What only decoders with conditions need: the default export of a part.
 * @typedef {object} Dials
 * @property {(self: Control & { idle: boolean }, control: Control & { cells?: boolean }, stage: Stage) => Iterable<Strip>} ahead what is worth decoding ahead
 * @property {(stage: Stage, box: HTMLElement, signal: AbortSignal) => () => void} createFields puts the controls into a box, and returns what has them follow
 */

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
 * @property {string} [note] what a person should know of it
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
  /** @type {Dials | undefined} */
  let dials;
  /** @type {Promise<void> | undefined} */
  let coming;
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
    strips(stage) {
      if (conditionsOf(model).length === 0) return control.strips.call(this, stage);
      if (dials) return dials.ahead(this, control, stage);
      coming ??= loadDials(stage, (loaded) => {
        dials = loaded;
        stage.fill();
      });
      return [];
    },
  };
}

/**
 * Controls for all conditions, once their code is here.
 * @param {Stage} stage
 * @param {AbortSignal} signal
 */
export function createConditions(stage, signal) {
  const about = { class: "lw-conditions", role: "group", "aria-label": "Conditions", hidden: true };
  const box = element("div", about);
  /** @type {Promise<void> | undefined} */
  let coming;
  let followFields = () => {};

  function follow() {
    if (conditionsOf(stage.model).length > 0) {
      coming ??= loadDials(stage, ({ createFields }) => {
        followFields = createFields(stage, box, signal);
      });
    }
    followFields();
  }

  follow();
  return { box, follow };
}

/**
 * Load what only decoders with conditions need: the kernel sends its code where there are any.
 * @param {Stage} stage
 * @param {(dials: Dials) => void} done
 */
async function loadDials(stage, done) {
  const { model } = stage;
  try {
    done((await moduleOf(model, "_dials")).default);
  } catch (error) {
    stage.fail(`Conditions could not be loaded: ${error}`);
  }
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

/** @param {number[]} at @param {number} axis @param {number} x */
export function replaced(at, axis, x) {
  return at.map((y, i) => (i === axis ? x : y));
}
