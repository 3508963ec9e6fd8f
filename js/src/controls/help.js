import { createPanel } from "./panel.js";

const ABOUT = { text: "?", title: "Keys, gestures and marks", name: "lw-help", home: ".lw-root" };

/**
 * A button that shows what keys and gestures there are, below all else.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {string} kind of widget
 * @param {AbortSignal} signal
 * @param {import("../stage/stage.js").Stage} [stage] of a widget that shows pictures
 */
export function createHelp(model, kind, signal, stage) {
  return createPanel(model, "_help", ABOUT, [kind, model, signal, stage], signal);
}
