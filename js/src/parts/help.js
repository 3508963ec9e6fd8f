import { BAR, COPY, SHADE, SLIDER, STANDING, STATE } from "./help/lines.js";
import { createLines } from "./help/list.js";

/** @typedef {import("./help/lines.js").Lines} Lines */

/**
 * What keys and gestures a widget has. The README's table of them has the same rows: its test says
 * where it has not.
 * @type {Record<string, Lines>}
 */
export const KEYS = {
  interpolator: [
    ["← →", `${SLIDER}: 0.01; with Shift 0.001`],
    ["Page Up, Page Down", "0.1"],
    ["Home, End", "to the ends"],
    ["Space", "play, pause"],
    ["Double click", `${SLIDER}: back to the start`],
    ["Click", "on a small picture or on the mark of an anchor: go there"],
  ],
  "direction-editor": [
    ["← →", `${SLIDER}: 0.1 σ; with Shift 0.01 σ`],
    ["Page Up, Page Down", "1 σ"],
    ["Home, End", "to the ends, which the numbers there name"],
    ["0, Delete, double click", `${SLIDER}: back to no edit`],
    [
      "Mouse on a name, keys on a slider",
      "what the slider does: pictures along it; Escape closes them",
    ],
    [
      "Pull",
      "press on the picture and pull: the sliders move so that what you grabbed follows, as far as they and the data lead; Escape takes it back",
    ],
    ["Before", "hold it, or hold Space, to see the picture without the edit"],
    [
      "Cells",
      "the layers where a direction acts: drag to paint; arrows go along, with Shift they paint; Space paints one",
    ],
  ],
  "latent-grid": [
    ["Click", "choose a cell; with Shift a block, with Ctrl one more"],
    ["Arrows", "choose the next cell; with Shift a block; with Ctrl only go there"],
    ["Space", "choose one more, or one less"],
    ["Ctrl+A, Escape", "choose all, none"],
    ["Enter, double click", "make a cell the current one"],
    ["Mouse on a cell", "see it large"],
    ["Drag in the margin", "between the cells of a plane, where there is one"],
  ],
};

/**
 * What a widget shows, and what its buttons do.
 * @type {Record<string, Lines>}
 */
const MARKS = {
  interpolator: [...BAR, ...STATE, ...STANDING, ...SHADE, ...COPY],
  "direction-editor": [
    ["σ", "the standard deviation of the data along a direction"],
    ["Tall line", "zero: the same place in every row"],
    ["Short line in colour", "where the base has an amount of its own: the amount of the base"],
    [
      "Dark tick",
      "where the edited latent lies along a direction; if it moves with another slider, the two are entangled",
    ],
    [
      "Δ",
      "how much one σ changes the picture, of the range from black to white; the mouse on it tells what a random direction changes",
    ],
    ["Lock", "hold a direction still while others move"],
    ["relative, absolute", "an amount is added to the base, or replaces what the base has"],
    ...BAR,
    ...STATE,
    ...STANDING,
    ...SHADE,
    ...COPY,
  ],
  "latent-grid": [...STATE, ...STANDING, ...COPY],
};

/**
 * The keys, gestures and marks of a widget.
 * @param {string} kind of widget
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 * @param {import("../stage/stage.js").Stage} [stage] of a widget that shows pictures
 */
export default function createKeys(kind, model, signal, stage) {
  const methods = kind === "interpolator" ? methodsOf(model) : [];
  return createLines([...KEYS[kind], ...MARKS[kind], ...methods], model, signal, stage);
}

/**
 * The methods that the menu of an interpolator offers.
 * @param {import("@anywidget/types").AnyModel} model
 * @returns {Lines}
 */
function methodsOf(model) {
  /** @type {Record<string, string>} */
  const methods = model.get("_methods");
  /** @type {Record<string, string>} */
  const withheld = model.get("_way")?.withheld ?? {};
  /** @type {Lines} */
  const there = Object.entries(methods).map(([name, words]) => [name, `method: ${words}`]);
  /** @type {Lines} */
  const not = Object.entries(withheld).map(([name, why]) => [name, `method, not here: it ${why}`]);
  return [...there, ...not];
}
