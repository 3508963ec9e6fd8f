import { createPanel } from "./panel.js";

const ABOUT = { text: "?", title: "Keys, gestures and marks", name: "lw-help", home: ".lw-root" };

/**
 * A button that shows what keys and gestures there are, below all else.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {string} kind of widget
 * @param {AbortSignal} signal
 */
export function createHelp(model, kind, signal) {
  return createPanel(model, "_help", ABOUT, [kind, model, signal], signal);
}
