import { element } from "../dom/element.js";

/** A direction changes nothing where one sigma changes less of the range: half a grey level of 255. */
const DEAD = 0.002;

/**
 * How much one sigma of a direction changes the picture, as a badge.
 * @param {boolean} likely whether that will be known: then it has its room from the start, and nothing moves when it comes
 */
export default function createChange(likely) {
  const root = element("span", { class: "lw-badge lw-change", hidden: !likely });

  /**
   * @param {[change: number, chance: number] | undefined} found what it changes, and what a random direction as long does, as shares of the range of the picture
   * @param {number} most what any direction changes
   */
  function show(found, most) {
    root.hidden = !likely && !found;
    if (!found) return void root.replaceChildren();
    const [change, chance] = found;
    const none = change < DEAD;
    root.textContent = none ? "Δ none" : `Δ ${percent(change)}`;
    root.classList.toggle("lw-dead", none);
    root.style.setProperty("--lw-share", String(change / (most || 1)));
    root.title = `1 σ changes the picture by ${percent(change)} of its range (root mean square); a random direction as long changes it by ${percent(chance)}`;
  }

  return { root, show };
}

/** @param {number} share */
function percent(share) {
  const size = 100 * share;
  return `${size.toFixed(size < 9.95 ? 1 : 0)} %`;
}
