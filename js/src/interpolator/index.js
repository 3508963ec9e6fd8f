import { fillWhileIdle } from "../controls/idle.js";
import { createPlayer } from "../controls/player.js";
import { loadKind } from "../frames/load_kind.js";
import { decodeHere, loadParts } from "../loader/parts.js";
import { save } from "../stage/save.js";
import { Stage } from "../stage/stage.js";
import { createControl } from "./control.js";
import { createSpeeds } from "./speeds.js";
import { createView } from "./view.js";

/** @typedef {import("@anywidget/types").AnyModel} Model */

export default () => {
  /** @type {Stage} */
  let stage;
  let initial = 0;
  /** @type {ReturnType<typeof createSpeeds>} */
  let speeds;
  /** @type {ReturnType<NonNullable<import("./speeds.js").Parts["typicality"]>> | undefined} */
  let standing;
  /** @type {import("./speeds.js").Parts} */
  const parts = {};

  return {
    /** @param {{ model: Model, signal: AbortSignal }} context */
    async initialize({ model, signal }) {
      const kind = await loadKind(model, signal);
      // Who has asked their system for less motion starts the playing themselves.
      if (model.get("playing") && matchMedia("(prefers-reduced-motion: reduce)").matches) {
        save(model, "playing", false);
      }
      initial = model.get("value");
      const control = createControl(model);
      stage = new Stage(model, signal, control, kind);
      fillWhileIdle(stage, control, () => {}, signal);
      model.on("change:filmstrip", () => stage.fill());
      createPlayer(stage, signal);
      speeds = createSpeeds(stage, signal);
      await loadParts(model, parts, stage);
      standing = parts.typicality?.(stage, signal);
      decodeHere(stage, signal);
    },
    /** @param {{ el: HTMLElement, signal: AbortSignal }} context */
    render({ el, signal }) {
      el.replaceChildren(createView(stage, initial, { speeds, standing }, parts, signal));
    },
  };
};
