import { element } from "../dom/element.js";
import { importCode } from "../loader/index.js";
import { createButton } from "./button.js";

/**
 * A button that shows what keys and gestures there are, below all else, and hides it again. The words
 * come from the kernel when they are first wanted.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {string} kind of widget
 * @param {AbortSignal} signal
 */
export function createHelp(model, kind, signal) {
  const panel = element("div", { class: "lw-help", hidden: true });
  const button = createButton("?", "Keys, gestures and marks", toggle, signal);
  button.ariaExpanded = "false";

  async function toggle() {
    if (!panel.firstChild) {
      const { module } = await importCode(model, model.get("_help"));
      panel.replaceChildren(module.default(kind));
      button.closest(".lw-root")?.append(panel);
    }
    panel.hidden = !panel.hidden;
    button.ariaExpanded = String(!panel.hidden);
    panel.scrollIntoView({ block: "nearest" });
  }

  return button;
}
