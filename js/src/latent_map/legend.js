import { element } from "../dom/element.js";

/**
 * What the page is told of the colours.
 * @typedef {object} Legend
 * @property {{ name: string, color: string, code: number, count: number }[]} [entries] classes
 * @property {string} [low] what the first colour of amounts stands for
 * @property {string} [high]
 * @property {string} [note]
 */

/**
 * What the colours mean. A class is a button that selects its points.
 * @param {(code: number) => void} onPick
 * @param {AbortSignal} signal
 */
export function createLegend(onPick, signal) {
  const legend = element("div", { class: "lw-map-legend", role: "group", "aria-label": "Colours" });

  /** @param {Legend} meaning */
  function show({ entries, low, high, note }) {
    const amounts = low === undefined ? [] : scale(low, high ?? "");
    const classes = (entries ?? []).map(({ name, color, code, count }) => {
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
    });
    const notes = note ? [element("span", { class: "lw-quiet", text: note })] : [];
    legend.replaceChildren(...classes, ...amounts, ...notes);
  }

  /** @param {string} low @param {string} high */
  function scale(low, high) {
    return [
      element("span", { text: low }),
      element("span", { class: "lw-scale", role: "presentation" }),
      element("span", { text: high }),
    ];
  }

  return { legend, show };
}
