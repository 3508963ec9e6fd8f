import { createButton } from "../controls/button.js";
import { element } from "../dom/element.js";
import { createFinding } from "./leakage/finding.js";
import { LEAST, leaksOf } from "./leakage/leaks.js";
import { createLeakRow } from "./leakage/row.js";

const WHAT =
  "What is decoded is measured, or encoded again and read. Shown is by how many standard deviations the edit changes each reading, but for the directions that you moved. Click a direction to hold it still.";
const IDLE = "Move a slider: what else moves with it is shown here.";

/**
 * Find out what the edit of now moves beside the sliders that were moved, once nobody moves; all
 * views show it.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {AbortSignal} signal ends with the widget
 */
export default function createLeakage(stage, signal) {
  const finding = createFinding(stage, signal);

  /**
   * A line that shows it.
   * @param {(name: string, held: boolean) => void} onHold
   * @param {AbortSignal} signal
   */
  return (onHold, signal) => createLine(stage.model, finding, onHold, signal);
}

/**
 * @param {import("./leakage/leaks.js").Model} model
 * @param {import("./leakage/finding.js").Finding} finding
 * @param {(name: string, held: boolean) => void} onHold
 * @param {AbortSignal} signal
 */
function createLine(model, finding, onHold, signal) {
  const title = element("span", { class: "lw-also", title: WHAT });
  const { row, show, focusedName } = createLeakRow(model, onHold, signal);
  const button = createButton("What else does it move?", WHAT, finding.want, signal);
  const root = element("div", { class: "lw-leakage", role: "group", "aria-label": "Leakage" }, [
    title,
    row,
    button,
  ]);

  function follow() {
    const edited = finding.isEdited();
    const { known, fresh, wrong } = finding.found();
    const focused = focusedName();
    const awaiting = edited && !wrong && focused ? [{ name: focused, waits: true }] : [];
    const leaks = edited && known ? leaksOf(model, known, focused) : awaiting;
    show(leaks);
    root.hidden = !finding.isMeasured();
    root.classList.toggle("lw-old", !fresh);
    button.hidden = !edited || fresh || wrong !== "" || !finding.waits();
    title.textContent = wrong
      ? `What else it moves is not known: ${wrong}`
      : words(edited, fresh, leaks.length, button.hidden);
  }

  return { root, follow };
}

/**
 * @param {boolean} edited
 * @param {boolean} fresh whether it is known of the edit of now
 * @param {number} count how many leaks are shown
 * @param {boolean} automatic whether it is found out by itself
 */
function words(edited, fresh, count, automatic) {
  if (!edited) return IDLE;
  if (count) return "Also moves";
  if (fresh) return `Moves nothing else by ${LEAST} σ or more.`;
  return automatic ? "Also moves …" : "";
}
