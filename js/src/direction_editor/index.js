import { createButton } from "../controls/button.js";
import { conditionWords, createConditions, under } from "../controls/conditions.js";
import { fillWhileIdle } from "../controls/idle.js";
import { createMenu } from "../controls/menu.js";
import { sigmas } from "../controls/sigmas.js";
import { createSpoken } from "../controls/spoken.js";
import { attach, createActions, createRoot, createStatus } from "../controls/view.js";
import { div, onResize } from "../dom/element.js";
import { loadKind } from "../frames/load_kind.js";
import { decodeHere, loadParts } from "../loader/parts.js";
import { save } from "../stage/save.js";
import { Stage } from "../stage/stage.js";
import { byName, createControl } from "./control.js";
import { createList } from "./list.js";
import { createBefore, createBeforeButton, createPictures, VIEWS } from "./pictures.js";

const VIEW = "The picture, beside the one before, or what changed";
const MODE = "Amounts add to the base, or replace what it has";

/** @typedef {import("@anywidget/types").AnyModel} Model */

/**
 * What is found out while nobody moves.
 * @typedef {object} Known
 * @property {import("./row.js").LayerEffects} [effects]
 * @property {import("./row.js").Changes} [changes]
 * @property {ReturnType<NonNullable<import("./row.js").Parts["leakage"]>>} [leakage]
 * @property {import("./row.js").Typicality} [standing]
 */

export default () => {
  /** @type {Stage} */
  let stage;
  /** @type {ReturnType<typeof createBefore>} */
  let before;
  /** @type {Known} */
  let known;
  /** @type {import("./row.js").Parts} */
  const parts = {};

  return {
    /** @param {{ model: Model, signal: AbortSignal }} context */
    async initialize({ model, signal }) {
      const control = createControl(model);
      stage = new Stage(model, signal, control, await loadKind(model, signal));
      await loadParts(model, parts, stage);
      before = createBefore(stage);
      known = {
        effects: parts.effects?.(stage, signal),
        changes: parts.change?.(stage, signal),
        leakage: parts.leakage?.(stage, signal),
        standing: parts.typicality?.(stage, signal),
      };
      fillWhileIdle(stage, control, () => before(true), signal);
      // After all of what changed together: the strips of new ranges need the new value.
      model.on("change", () => stage.fill());
      decodeHere(stage, signal);
    },
    /** @param {{ model: Model, el: HTMLElement, signal: AbortSignal }} context */
    render({ model, el, signal }) {
      el.replaceChildren(createView(stage, before, known, parts, model, signal));
    },
  };
};

/**
 * One view of an editor.
 * @param {Stage} stage
 * @param {ReturnType<typeof createBefore>} before
 * @param {Known} known
 * @param {import("./row.js").Parts} parts
 * @param {Model} model
 * @param {AbortSignal} signal
 */
function createView(stage, before, known, parts, model, signal) {
  const { effects, leakage, standing } = known;
  const pictures = createPictures(stage, before, (at) => byName(model, at), signal);
  const hold = enlist("hold");
  const full = enlist("_full");
  const list = createList(stage, { hold, full, paint }, effects, known, parts, signal);
  const views = VIEWS.slice(0, stage.kind.pixels ? 3 : 2);
  const pull = stage.kind.pixels
    ? parts.pull?.(stage, pictures.frames, pictures.edited, signal)
    : undefined;
  const leaks = leakage?.(hold, signal);
  const view = createMenu("View", VIEW, views, pictures.choose, signal);
  const mode = createMenu(
    "Mode",
    MODE,
    model.get("_modes"),
    (name) => change("mode", name),
    signal,
  );
  const reset = createButton(
    "Reset all",
    "All sliders back to the base",
    () => stage.move(under(stage, model.get("_origin")), { rest: true }),
    signal,
  );
  const conditions = createConditions(stage, signal);
  const { status, alert, follow: followStatus } = createStatus(stage, words, signal);
  const spoken = createSpoken(stage, words, pictures.edited);

  const root = createRoot("direction-editor", [
    div("lw-columns", [
      div("lw-left lw-look", [
        pictures.frames,
        div("lw-tools", [
          view.field,
          div("lw-actions", [createBeforeButton(pictures.hold, signal), pull?.button]),
        ]),
        div("lw-tools", [status, createActions(stage, "direction-editor", signal)]),
        standing?.gauge(signal),
        pictures.caption,
        pull?.said,
      ]),
      div("lw-right", [
        div("lw-tools", [list.search, list.order.field, mode.field, reset]),
        conditions.box,
        list.box,
        alert, // which moves no slider away from under a thumb
        leaks?.root,
        div("lw-tools", [list.legend, list.act, list.shown]),
      ]),
    ]),
    spoken.live,
  ]);

  /** @param {string} name of a setting @param {unknown} value */
  function change(name, value) {
    stage.tell(); // first where the thumbs are: the kernel may change what that means
    save(model, name, value);
  }

  /** What puts a name on a list of the model, or takes it off. @param {string} setting */
  function enlist(setting) {
    return (/** @type {string} */ name, /** @type {boolean} */ on) => {
      const others = model.get(setting).filter((/** @type {string} */ one) => one !== name);
      change(setting, on ? [...others, name] : others);
    };
  }

  /** @param {string} name @param {number[]} weights of every layer */
  function paint(name, weights) {
    const { [name]: _, ...others } = model.get("profiles");
    change("profiles", weights.every((one) => one === 1) ? others : { ...others, [name]: weights });
  }

  /**
   * Where the slider is that was moved last.
   * @param {number[]} at
   */
  function words(at) {
    const row = model.get("_rows")[stage.axis];
    const moved = conditionWords(model, at, stage.at);
    return row ? `${row.name} ${sigmas(at[stage.axis])}${moved}` : moved.slice(2);
  }

  function follow() {
    list.follow();
    leaks?.follow();
    pull?.follow();
    conditions.follow();
    followStatus(root);
    spoken.follow();
  }

  function followSettings() {
    mode.select.value = model.get("mode");
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
    list.followSettings();
  }

  onResize(list.box, list.followScroll, signal);
  model.on("change", followSettings);
  followSettings();
  attach(stage, root, pictures.repaint, follow, signal);
  return root;
}
