import { COPY, DROP, SHADE, STANDING, STATE } from "./help/lines.js";
import { createLines } from "./help/list.js";

/** @typedef {import("./help/lines.js").Lines} Lines */

/**
 * What `help.js` has of other widgets: whose pages need not carry these lines.
 * @type {Record<string, Lines>}
 */
export const KEYS = {
  "latent-map": [
    ["Mouse on a point", "see what it is"],
    ["Click", "go to a point, or to a place between them"],
    ["Drag, wheel", "move the map, zoom"],
    ["Lasso, Shift and drag, long press", "draw round points to select them"],
    ["Ctrl, Alt", "with a lasso: select more, select less"],
    ["Click", "on a class of the legend: select its points"],
    ["Escape", "select nothing"],
    ["Latent", "the number of a point to go to"],
    [
      "Rename",
      "call clusters as you like, where they give the colours; Enter goes to the next, Escape ends",
    ],
    [
      "Find text",
      "rings what holds it; Enter goes to the next, with Shift to the one before",
      "_searched",
    ],
  ],
  "latent-explorer": [
    ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo, in all parts together"],
    ["Click", "on a cell or a point: the sliders edit it"],
    ["Lasso", "on the map, or click a colour: the grid shows what is selected"],
    ["Make slider", "from the mean of all others to that of the selected; Enter does it too"],
    ["Name", "after a lasso, type it at once; Escape leads back to the map"],
    ["Shift, Ctrl", "with cells: two or more become the path"],
    ["Click", "on a part's heading: open or close it"],
    ["Drag, ← →", "on the bar between columns: their widths; double click: equal ones"],
    ["← →, Home, End", "on tabs of a narrow page: the part shown"],
    ["Full screen", "fill the screen; Escape leaves it"],
  ],
};

/** @type {Record<string, Lines>} */
const MARKS = {
  "latent-map": [
    ["Ring", "where you are; smaller: under the mouse"],
    ["Line with arrows", "a path, from its start to its end"],
    ...STATE,
    ...STANDING,
    ...COPY,
  ],
  "latent-explorer": [
    ["Bookmark", "keep this state; click its name to come back"],
    ["Compare…", "keep the selected as A, then select B: the slider leads from A to B"],
    ["Add label", "call the selected so: the map is coloured by it"],
    ["Add axes", "a slider for each axis of the latent"],
    ["Outliers first", "in the grid, those that lie farthest from their neighbours"],
    ["Path", "where you lead it is what the sliders edit from then on"],
    DROP,
    ...STANDING,
    ...SHADE,
  ],
};

/**
 * The keys, gestures and marks of a widget.
 * @param {string} kind of widget
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 * @param {import("../stage/stage.js").Stage} [stage] of a widget that shows pictures
 */
export default function createKeys(kind, model, signal, stage) {
  return createLines([...KEYS[kind], ...MARKS[kind]], model, signal, stage);
}
