import { createButton } from "../controls/button.js";
import { atEnd, element, listen } from "../dom/element.js";
import { save } from "../stage/save.js";

/**
 * A field that finds texts while somebody types; nothing where there are no texts.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {(model: import("@anywidget/types").AnyModel) => Uint32Array} foundRows the rows of what was found
 * @param {(row: number) => void} onGo
 * @param {(rows: Uint32Array) => void} onSelect
 * @param {AbortSignal} signal
 */
export default function createSearch(model, foundRows, onGo, onSelect, signal) {
  const input = element("input", {
    type: "search",
    class: "lw-entry lw-finder-text",
    placeholder: "Find text",
    "aria-label": "Find text",
    title: "Enter goes to the next, Shift+Enter to the one before",
  });
  const said = element("span", { class: "lw-quiet", role: "status" });
  const pick = createButton("Select", "Select all that was found", () => onSelect(rows), signal);
  const box = element("div", { class: "lw-finder", role: "search" }, [input, said, pick]);
  /** @type {Uint32Array} */
  let rows = new Uint32Array();
  /** Which of the rows the person went to. */
  let at = -1;
  /** @type {[text: string, by: number][]} steps of before the answer about their text is there */
  const waiting = [];

  /** @param {string} text */
  function find(text) {
    if (text !== model.get("search")) save(model, "search", text);
  }

  /** Whether what was found is of the text of now. */
  const known = () => model.get("search") === model.get("_found").text;

  /** @param {number} by */
  function step(by) {
    if (!known()) waiting.push([model.get("search"), by]);
    if (rows.length === 0 || !known()) return;
    at = at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length;
    onGo(rows[at]);
    tell();
  }

  function tell() {
    const text = model.get("search");
    const count = rows.length.toLocaleString("en");
    const where = at < 0 ? `${count} found` : `${(at + 1).toLocaleString("en")} of ${count}`;
    said.textContent = !text ? "" : known() ? where : "…";
    pick.disabled = !text || rows.length === 0 || !known();
  }

  function follow() {
    box.hidden = !model.get("_searched");
    const text = model.get("search");
    if (input.value !== text && !input.matches(":focus")) input.value = text;
    tell();
  }

  function followFound() {
    rows = foundRows(model);
    at = -1;
    tell();
    if (!known()) return;
    for (const [text, by] of waiting.splice(0)) if (text === model.get("search")) step(by);
  }

  listen(
    input,
    {
      input: () => find(input.value),
      keydown({ key, shiftKey }) {
        if (key === "Enter") step(shiftKey ? -1 : 1);
        if (key !== "Escape") return;
        input.value = "";
        find("");
      },
    },
    signal,
  );
  /** @type {[trait: string, act: () => void][]} */
  const hearers = [
    ["search", follow],
    ["_searched", follow],
    ["_found", followFound],
  ];
  for (const [name, act] of hearers) model.on(`change:${name}`, act);
  // An Enter that waits in a view that is closed goes nowhere.
  atEnd(signal, () => {
    for (const [name, act] of hearers) model.off(`change:${name}`, act);
  });
  follow();
  followFound();
  return box;
}
