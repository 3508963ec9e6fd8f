import { atEnd, element } from "../dom/element.js";

/** @typedef {[keys: string, what: string, where?: string][]} Lines `where` is a trait: listed while it is set */

const SLIDER = "on a slider";

/** @type {Lines} */
const COPY = [
  ["▦", "smooth pictures that are enlarged, or show their pixels as squares"],
  [
    "Save…",
    "the picture, of any size; a film of a path or an edit; a page of all but a map; Escape closes the menu",
  ],
  ["Copy as code", "a cell of Python that makes this latent again"],
];

/** @type {Lines} */
const STATE = [
  ["exact", "the picture was decoded for just this place, and how long that took"],
  ["nearest", "the nearest picture that is there stands in; the exact one follows"],
];

/** @type {Lines} */
const BAR = [["Thin line under a slider", "where pictures are decoded already"]];

/** @type {Lines} */
const STANDING = [
  [
    "Gauge",
    "how ordinary the latent is, among the data or samples of the prior; to the left of the mark 5 % of these lie",
  ],
  [
    "Nearest data",
    "the six nearest latents of the data, how far away, and how far one at random is",
  ],
];

/** @type {Lines} */
const SHADE = [
  [
    "Hatched",
    `${SLIDER}: there the latent leaves what is ordinary; the mouse on it tells why, and a screen reader of where the slider stands`,
  ],
];

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
    ...STANDING,
    ...SHADE,
  ],
};

/**
 * The keys, gestures and marks of a widget, as a list; before them, where pictures are decoded, as the
 * tooltip of the line below the picture says, which no key leads to.
 * @param {string} kind of widget
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 * @param {import("../stage/stage.js").Stage} [stage] of a widget that shows pictures
 */
export default function createKeys(kind, model, signal, stage) {
  const methods = kind === "interpolator" ? methodsOf(model) : [];
  const lines = [...KEYS[kind], ...MARKS[kind], ...methods].flatMap(([keys, what, where]) => {
    const line = [element("dt", { text: keys }), element("dd", { text: what })];
    if (where) listWhile(where, line, model, signal);
    return line;
  });
  return element("dl", { class: "lw-keys" }, [...whereDecoded(signal, stage), ...lines]);
}

/**
 * Where this page has pictures decoded, and why, of widgets that know. Another page of the same widget
 * may do otherwise.
 * @param {AbortSignal} signal
 * @param {import("../stage/stage.js").Stage} [stage]
 */
function whereDecoded(signal, stage) {
  if (stage?.model.get("runs_in") === undefined) return [];
  const { mailbox } = stage;
  const where = element("dd");
  const follow = () => {
    where.textContent = mailbox.local ? "in the page" : mailbox.where.slice(2) || "by the kernel";
  };
  stage.listen(follow, signal);
  follow();
  return [element("dt", { text: "Pictures are decoded" }), where];
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

/**
 * List a line only while a trait is set.
 * @param {string} trait
 * @param {HTMLElement[]} line
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 */
function listWhile(trait, line, model, signal) {
  function follow() {
    for (const one of line) one.hidden = !model.get(trait);
  }
  model.on(`change:${trait}`, follow);
  atEnd(signal, () => model.off(`change:${trait}`, follow));
  follow();
}
