import { conditionWords, createConditions, under } from "../controls/conditions.js";
import { fillWhileIdle } from "../controls/idle.js";
import { createSpoken } from "../controls/spoken.js";
import { attach, createActions, createRoot, createStatus } from "../controls/view.js";
import { element } from "../dom/element.js";
import { loadKind } from "../frames/load_kind.js";
import { decodeHere, loadParts } from "../loader/parts.js";
import { save } from "../stage/save.js";
import { Stage } from "../stage/stage.js";
import { cellsOf, createControl, placeOf, words } from "./control.js";
import { Cursor } from "./cursor.js";
import { createLoupe } from "./loupe.js";
import { listenToPicks } from "./picking.js";
import { createPoint } from "./point.js";
import { Sheet } from "./sheet.js";
import { LEAST } from "./sizes.js";

const MOST_CELL = 256;
const SIZE = "How large the cells are";

/** @typedef {import("@anywidget/types").AnyModel} Model */
/** @typedef {ReturnType<typeof createControl>} Control */
/** @typedef {ReturnType<typeof import("../parts/typicality.js").default>} Standing */

export default () => {
  /** @type {Stage} */
  let stage;
  /** @type {Control} */
  let control;
  /** @type {Standing | undefined} */
  let standing;
  /** @type {{ typicality?: typeof import("../parts/typicality.js").default }} */
  const parts = {};

  return {
    /** @param {{ model: Model, signal: AbortSignal }} context */
    async initialize({ model, signal }) {
      control = createControl(model);
      stage = new Stage(model, signal, control, await loadKind(model, signal));
      fillWhileIdle(stage, control, () => {}, signal);
      await loadParts(model, parts, stage);
      standing = parts.typicality?.(stage, signal);
      decodeHere(stage, signal);
    },
    /** @param {{ model: Model, el: HTMLElement, signal: AbortSignal }} context */
    render({ model, el, signal }) {
      el.replaceChildren(createView(stage, control, standing, model, signal));
    },
  };
};

/**
 * One view of a grid.
 * @param {Stage} stage
 * @param {Control} control
 * @param {Standing | undefined} standing
 * @param {Model} model
 * @param {AbortSignal} signal
 */
function createView(stage, control, standing, model, signal) {
  const loupe = createLoupe(stage, signal);
  const cursor = new Cursor();
  const cells = new Sheet(stage, control, cursor, signal);
  listenToPicks(stage, cells, cursor, { point: loupe.point, choose: loupe.hold, open }, signal);
  const point = createPoint(stage, cells, cursor, () => loupe.point(null), signal);
  const placeWords = (/** @type {number[]} */ at) =>
    words(at, cellsOf(model)) + conditionWords(model, at, loupe.subject.at);
  const { subject } = loupe;
  const { status, alert, follow: followStatus } = createStatus(stage, placeWords, signal, subject);
  const spoken = createSpoken(stage, placeWords, loupe.picture, subject);
  const conditions = createConditions(stage, signal);
  const zoom = element("input", {
    type: "range",
    class: "lw-zoom",
    min: LEAST,
    max: MOST_CELL,
    title: SIZE,
  });
  const count = element("span", { class: "lw-count" });

  zoom.addEventListener("input", () => save(model, "cell_size", zoom.valueAsNumber), { signal });

  const root = createRoot("latent-grid", [
    element("div", { class: "lw-columns" }, [
      element("div", { class: "lw-left lw-look" }, [
        loupe.picture,
        loupe.caption,
        conditions.box,
        element("div", { class: "lw-tools" }, [
          status,
          createActions(stage, "latent-grid", signal, () => loupe.place),
        ]),
        standing?.gauge(signal),
      ]),
      element("div", { class: "lw-right" }, [
        cells.axes,
        cells.box,
        element("div", { class: "lw-tools" }, [
          count,
          element("label", { class: "lw-field", title: SIZE }, ["Size", zoom]),
        ]),
        alert,
      ]),
    ]),
    spoken.live,
  ]);

  /** @param {number} index */
  function open(index) {
    stage.move(under(stage, placeOf(index, cellsOf(model))), { rest: true });
  }

  function follow() {
    loupe.follow();
    conditions.follow();
    // Up to a picture's own pixels.
    const { width = 0 } = /** @type {{ width?: number }} */ (loupe.picture);
    zoom.max = String(Math.max(MOST_CELL, model.get("cell_size"), width));
    zoom.value = model.get("cell_size");
    cells.follow();
    point.follow();
    const chosen = model.get("selection").length;
    const all = cellsOf(model).count.toLocaleString("en");
    count.textContent = `${all} cell${all === "1" ? "" : "s"}${chosen ? ` · ${chosen} chosen` : ""}`;
    followStatus(root);
    spoken.follow();
  }

  function followSettings() {
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
    cells.followSettings();
  }

  model.on("change:cell_size", () => cells.resize());
  model.on("change:selection", follow);
  model.on("change", followSettings);
  followSettings();
  attach(stage, root, loupe.repaint, follow, signal);
  return root;
}
