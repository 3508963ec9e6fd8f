import { element } from "../dom/element.js";

/** A place that is no farther from an anchor is at it: what is shown of t has three digits. */
const SAME = 0.0005;

/**
 * Ticks along a slider where the anchors are; a click goes there.
 * @param {(t: number) => void} onPick
 * @param {AbortSignal} signal
 */
export function createMarks(onPick, signal) {
  const marks = element("div", { class: "lw-marks" });

  /**
   * @param {number[]} places
   * @param {string[]} names of the anchors; none where they have none
   */
  function setMarks(places, names) {
    marks.replaceChildren(
      ...places.map((t, i) => {
        const name = `${nameOf(names, i) || `anchor ${i + 1}`}, t = ${Number(t.toFixed(3))}`;
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

/**
 * Say at which anchor a place is, or between which two; nothing where anchors have no names.
 * @param {number} t
 * @param {number[]} places of the anchors
 * @param {string[]} names
 */
export function namesAt(t, places, names) {
  // A closed path ends at the first anchor, which has no place there.
  const stops = places.at(-1) === 1 ? places : [...places, 1];
  const here = stops.findIndex((place) => Math.abs(place - t) < SAME);
  if (here >= 0) return nameOf(names, here);
  const next = stops.findIndex((place) => place > t);
  return names.length > 0 ? `${nameOf(names, next - 1)} → ${nameOf(names, next)}` : "";
}

/**
 * The name of an anchor; where a closed path ends, that of the first.
 * @param {string[]} names
 * @param {number} i
 */
function nameOf(names, i) {
  return names.length > 0 ? names[i % names.length] : "";
}
