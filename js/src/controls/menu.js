import { element } from "../dom/element.js";

/**
 * A labelled menu.
 * @param {string} label
 * @param {string[]} choices
 * @param {(value: string) => void} onChoose
 * @param {AbortSignal} signal
 * @param {string} [unit] written behind each choice
 */
export function createMenu(label, choices, onChoose, signal, unit = "") {
  /** @param {string} value */
  const option = (value) => element("option", { value, text: value + unit });
  const select = element("select", { class: "lw-menu" }, choices.map(option));
  select.addEventListener("change", () => onChoose(select.value), { signal });
  const field = element("label", { class: "lw-field" }, [element("span", { text: label }), select]);
  return { field, select };
}
