import { createButton } from "../controls/button.js";
import { element, listen } from "../dom/element.js";

/**
 * Which rows are seen: those whose name holds what is searched for, unless somebody has hidden them.
 * @param {() => void} onChange told when other rows are to be seen
 * @param {AbortSignal} signal
 */
export function createFilter(onChange, signal) {
  const search = element("input", {
    type: "search",
    class: "lw-search",
    placeholder: "Search",
    title: "Show rows by name",
    "aria-label": "Search directions",
  });
  const shown = createButton("", "Show all rows again", showHidden, signal);
  /** @type {Set<string>} names of the rows that somebody has hidden */
  const hidden = new Set();
  listen(search, { input: onChange }, signal);

  function showHidden() {
    hidden.clear();
    onChange();
    search.focus();
  }

  /** @param {string} name */
  function hide(name) {
    hidden.add(name);
    onChange();
    shown.focus();
  }

  /** Whether a row is seen. @param {string} name */
  function sees(name) {
    return !hidden.has(name) && name.toLowerCase().includes(search.value.trim().toLowerCase());
  }

  /** Say how many are hidden. @param {number} edited how many of these have an edit */
  function count(edited) {
    shown.textContent = `Show hidden (${hidden.size}${edited ? `, ${edited} edited` : ""})`;
    shown.hidden = hidden.size === 0;
  }

  return { search, shown, hidden, hide, sees, count };
}
