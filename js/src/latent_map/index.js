import { fillWhileIdle } from "../controls/idle.js";
import { loadKind } from "../frames/load_kind.js";
import { decodeHere, loadParts } from "../loader/parts.js";
import { Stage } from "../stage/stage.js";
import { createControl } from "./control.js";
import { Known } from "./known.js";
import { createView } from "./view.js";

/** @typedef {import("@anywidget/types").AnyModel} Model */

export default () => {
  /** @type {import("./visit.js").MapWidget} */
  let map;
  /** @type {import("./visit.js").Parts} */
  const parts = {};

  return {
    /** @param {{ model: Model, signal: AbortSignal }} context */
    async initialize({ model, signal }) {
      const kind = await loadKind(model, signal);
      const control = createControl(model);
      // Before the stage, which tells the views that there is something to show.
      const known = new Known(model);
      const stage = new Stage(model, signal, control, kind);
      fillWhileIdle(stage, control, () => {}, signal);
      model.on("change:_spot", () => stage.follow());
      await loadParts(model, parts, stage);
      map = { stage, control, known, parts, standing: parts.typicality?.(stage, signal) };
      decodeHere(stage, signal);
    },
    /** @param {{ el: HTMLElement, signal: AbortSignal, host: any }} context */
    render({ el, signal, host }) {
      el.replaceChildren(createView(map, host, signal));
    },
  };
};
