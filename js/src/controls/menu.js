import { element, listen } from "../dom/element.js";

/**
 * A labelled menu.
 * @param {string} label
 * @param {string} title what it chooses, shown while the mouse is over it
 * @param {string[]} choices
 * @param {(value: string) => void} onChoose
 * @param {AbortSignal} signal
 * @param {string} [unit] written behind each choice
 */
export function createMenu(label, title, choices, onChoose, signal, unit = "") {
  const select = element("select", { class: "lw-menu", title });
  const field = element("label", { class: "lw-field", title }, [
    element("span", { text: label }),
    select,
  ]);
  listen(
    select,
    {
      change: () => onChoose(select.value),
      // A notebook takes arrows and letters for itself; those with Ctrl may be the explorer's.
      keydown: (event) => event.ctrlKey || event.metaKey || event.stopPropagation(),
    },
    signal,
  );

  /**
   * Offer other choices.
   * @param {[value: string, text: string][]} given
   * @param {string} chosen the value of one of them
   */
  function offer(given, chosen) {
    select.replaceChildren(...given.map(([value, text]) => element("option", { value, text })));
    select.value = chosen;
  }

  /**
   * Show what is chosen; what the menu does not offer yet, it offers from now on.
   * @param {string} value
   */
  function choose(value) {
    select.value = value;
    if (select.value === value) return;
    select.append(element("option", { value, text: value + unit }));
    select.value = value;
  }

  offer(
    choices.map((value) => [value, value + unit]),
    choices[0],
  );
  return { field, select, offer, choose };
}
