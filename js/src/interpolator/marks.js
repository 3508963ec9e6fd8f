import { element } from "../dom/element.js";

/**
 * Ticks along a slider where the anchors are; a click goes there.
 * @param {(t: number) => void} onPick
 * @param {AbortSignal} signal
 */
export function createMarks(onPick, signal) {
  const marks = element("div", { class: "lw-marks" });

  /** @param {number[]} places */
  function setMarks(places) {
    marks.replaceChildren(
      ...places.map((t, i) => {
        const name = `anchor ${i + 1}, t = ${Number(t.toFixed(3))}`;
        const mark = element("button", {
          type: "button",
          class: "lw-mark",
          title: name,
          "aria-label": `Go to ${name}`,
          tabindex: -1,
          style: `--lw-at: ${t}`,
        });
        mark.addEventListener("click", () => onPick(t), { signal });
        return mark;
      }),
    );
  }

  return { marks, setMarks };
}
