import { element } from "../dom/element.js";
import { moduleOf } from "../loader/parts.js";
import { createButton } from "./button.js";

/**
 * What a panel is called, and where it is.
 * @typedef {object} About
 * @property {string} text on its button
 * @property {string} title
 * @property {string} name of its class
 * @property {string} home selects what around the button it is put into
 */

/**
 * A button that shows a panel, and hides it again; Escape hides it too. What is in it comes from the
 * kernel when it is first wanted.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {string} code the trait that holds the code which makes it
 * @param {About} about
 * @param {unknown[]} given to that code
 * @param {AbortSignal} signal
 */
export function createPanel(model, code, { text, title, name, home }, given, signal) {
  const panel = element("div", { class: name, hidden: true });
  const button = createButton(text, title, toggle, signal);
  let coming = false;
  button.ariaExpanded = "false";
  button.hidden = !model.get(code); // a saved page has only what needs no kernel

  async function toggle() {
    if (coming) return; // a second click of who waits for the first
    if (!panel.firstChild) {
      coming = true;
      try {
        panel.replaceChildren((await moduleOf(model, code)).default(...given));
        button.closest(home)?.append(panel);
      } finally {
        coming = false;
      }
    }
    panel.hidden = !panel.hidden;
    button.ariaExpanded = String(!panel.hidden);
    panel.scrollIntoView({ block: "nearest" });
    panel.dispatchEvent(new Event("toggle"));
  }

  panel.addEventListener(
    "keydown",
    ({ key }) => {
      if (key !== "Escape") return;
      button.focus();
      toggle();
    },
    { signal, capture: true }, // menus keep keys to themselves
  );
  return button;
}
