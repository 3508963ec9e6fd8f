import { div, element, listen } from "../dom/element.js";

/** Directions that are held still take part of a move away. Where less than this is left, it is said. */
const LITTLE = 0.25;
/** Less than this is called nothing. */
const NOTHING = 0.005;

/**
 * What the kernel says of a direction.
 * @typedef {object} About
 * @property {string} name
 * @property {string} badge its score, as short as can be
 * @property {string} note how it was found, and all that is known
 * @property {number | null} score
 * @property {string} warning why not to believe it
 * @property {number[]} layers numbers of those at which it can act; none where there are no layers
 */

/**
 * The name of a direction, its score, and a sign that says why not to believe it.
 * @param {string} name
 * @param {HTMLElement | undefined} delta says what one sigma of it changes
 * @param {AbortSignal} signal
 */
export function createHeading(name, delta, signal) {
  const title = element("span", { class: "lw-name", text: name });
  const warn = element("span", { class: "lw-warn", text: "⚠", tabindex: 0, role: "img" });
  // Shown while the sign has the focus: its title is only shown to a mouse.
  const tip = div("lw-tip");
  const badge = element("span", { class: "lw-badge" });
  const heading = div("lw-about", [title, warn, badge, delta]);
  listen(warn, { focus: () => tip.scrollIntoView({ block: "nearest" }) }, signal);

  /**
   * @param {About} about
   * @param {string} unit how long one sigma is
   * @param {number} left the share of its move that directions which are held leave
   */
  function tell({ badge: score, note, warning }, unit, left) {
    badge.textContent = score;
    badge.hidden = !score;
    badge.title = note;
    title.title = `${name}, ${note}${unit}`;
    const text = `${warning} ${shortened(left)}`.trim();
    warn.hidden = !text;
    warn.title = tip.textContent = text;
    warn.ariaLabel = `Warning: ${text}`;
  }

  return { heading, title, tip, tell };
}

/**
 * Say so where directions that are held still take most of a move away.
 * @param {number} left the share of the move that is left
 */
function shortened(left) {
  if (left >= LITTLE) return "";
  const share = left < NOTHING ? "nothing" : `${Math.round(100 * left)} %`;
  return `What is held leaves ${share} of its move.`;
}
