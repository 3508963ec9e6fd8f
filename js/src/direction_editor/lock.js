import { element, listen } from "../dom/element.js";
import { icon } from "../dom/svg.js";

const OPEN = "M5 7V5a3 3 0 0 1 5.8-1h1.6A4.5 4.5 0 0 0 3.5 5v2H3v7h10V7z";
const SHUT = "M3.5 7V5a4.5 4.5 0 0 1 9 0v2h.5v7H3V7zM5 7h6V5a3 3 0 0 0-6 0z";

/**
 * A lock that holds a direction still while others move.
 * @param {string} name
 * @param {(name: string, held: boolean) => void} onHold
 * @param {AbortSignal} signal
 */
export function createLock(name, onHold, signal) {
  const still = `Hold ${name} still`;
  const box = element("input", { type: "checkbox", "aria-label": still });
  const lock = element("label", { class: "lw-hold", title: still, "data-lw-kernel": "room" }, [
    box,
    icon(OPEN),
    icon(SHUT),
  ]);
  listen(box, { change: () => onHold(name, box.checked) }, signal);
  return { lock, box };
}
