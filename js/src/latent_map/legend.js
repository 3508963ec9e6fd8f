import { createButton } from "../controls/button.js";
import { element, listen } from "../dom/element.js";

/**
 * A class: `rest` stands for all that have no colour of their own.
 * @typedef {{ name: string, color: string, code: number, count: number, rest?: boolean }} Entry
 */

/**
 * What the page is told of the colours.
 * @typedef {object} Legend
 * @property {Entry[]} [entries] classes
 * @property {boolean} [clusters] whether these are clusters, which a person may name
 * @property {string} [low] what the first colour of amounts stands for
 * @property {string} [high]
 * @property {string} [note]
 */

/**
 * What the colours mean. A class is a button that selects its points; clusters can be named.
 * @param {(code: number) => void} onPick
 * @param {(code: number, name: string) => void} onName
 * @param {AbortSignal} signal
 */
export function createLegend(onPick, onName, signal) {
  const legend = element("div", { class: "lw-map-legend", role: "group", "aria-label": "Colours" });
  const rename = createButton("Rename", "Call the clusters as you like", toggle, signal);
  /** @type {HTMLInputElement[]} the fields for names, while they are given */
  let fields = [];
  let naming = false;
  /** @type {Legend} */
  let shown = {};
  let by = "";

  function toggle() {
    naming = !naming;
    draw();
    (naming ? fields[0] : rename).focus();
  }

  /** @param {Legend} meaning @param {string} [name] of what gives the colours */
  function show(meaning, name = "") {
    by = name;
    const before = shown.entries?.map(({ code }) => code).join();
    shown = meaning;
    naming &&= Boolean(meaning.clusters);
    // Names that come back while others are typed leave the fields where they are.
    if (naming && before === meaning.entries?.map(({ code }) => code).join()) {
      for (const field of fields) {
        const entry = meaning.entries?.find(({ code }) => String(code) === field.dataset.lwCode);
        if (entry && !field.matches(":focus")) field.value = entry.name;
      }
    } else draw();
  }

  function draw() {
    const { entries = [], clusters, low, high, note } = shown;
    fields = naming ? entries.filter(({ rest }) => !rest).map(field) : [];
    const classes = naming
      ? fields.map((one, i) =>
          element("span", { class: "lw-class", style: `--lw-color: ${entries[i].color}` }, [one]),
        )
      : entries.map(choice);
    const amounts = low === undefined ? [] : scale(low, high ?? "");
    rename.textContent = naming ? "Done" : "Rename";
    const notes = note ? [element("span", { class: "lw-quiet", text: note })] : [];
    legend.replaceChildren(...classes, ...amounts, ...(clusters ? [rename] : []), ...notes);
  }

  /** @param {Entry} entry */
  function choice({ name, color, code, count }) {
    const label = name || "(empty)";
    const attributes = {
      type: "button",
      class: "lw-class",
      style: `--lw-color: ${color}`,
      title: `Select the ${count.toLocaleString("en")} points of “${label}”`,
    };
    const button = element("button", attributes, [element("span", { text: label })]);
    button.addEventListener("click", () => onPick(code), { signal });
    return button;
  }

  /** @param {Entry} entry */
  function field({ name, code, count }) {
    const input = element("input", {
      type: "text",
      class: "lw-entry lw-class-name",
      value: name,
      maxlength: 80,
      "data-lw-code": code,
      title: "Enter goes to the next name, Escape ends",
      "aria-label": `Name of cluster ${code + 1}, ${count.toLocaleString("en")} points`,
    });
    let given = name;
    function give() {
      if (input.value !== given) onName(code, input.value);
      given = input.value;
    }
    function keydown(/** @type {KeyboardEvent} */ { key }) {
      if (key === "Escape") toggle();
      if (key !== "Enter") return;
      give();
      const next = fields[fields.indexOf(input) + 1];
      if (!next) return toggle();
      next.focus();
      next.select();
    }
    listen(input, { change: give, keydown }, signal);
    return input;
  }

  /** @param {string} low @param {string} high */
  function scale(low, high) {
    if (low === high) return [element("span", { class: "lw-quiet", text: `${by}: all ${low}` })];
    return [
      element("span", { text: low }),
      element("span", {
        class: "lw-scale",
        role: "presentation",
        title: `the colours from ${low} to ${high}`,
      }),
      element("span", { text: high }),
    ];
  }

  return { legend, show };
}
