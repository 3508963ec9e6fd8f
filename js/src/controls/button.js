import { element, listen } from "../dom/element.js";

/**
 * A button with a word on it.
 * @param {string} text
 * @param {string} title what it does, shown while the mouse is over it
 * @param {() => void} onClick
 * @param {AbortSignal} signal
 */
export function createButton(text, title, onClick, signal) {
  const button = element("button", {
    type: "button",
    class: "lw-button",
    text,
    title,
  });
  listen(button, { click: onClick }, signal);
  return button;
}
