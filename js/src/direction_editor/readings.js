import { sigmas } from "../controls/sigmas.js";
import { div, element } from "../dom/element.js";

/**
 * Ticks on a slider where the readout of its direction is, one for every base.
 * @param {(amount: number) => number} place where on the slider an amount is, from 0 to 1
 */
export function createReadings(place) {
  const ticks = div("lw-readings");

  /** @param {number[]} readings */
  function show(readings) {
    if (ticks.children.length !== readings.length) {
      ticks.replaceChildren(...readings.map(() => element("span", { class: "lw-reading" })));
    }
    for (const [i, reading] of readings.entries()) {
      const tick = /** @type {HTMLElement} */ (ticks.children[i]);
      const at = place(reading);
      tick.style.setProperty("--lw-at", `${at}`);
      tick.classList.toggle("lw-below", at === 0);
      tick.classList.toggle("lw-above", at === 1);
      tick.title = `reads ${sigmas(reading)}`;
      tick.dataset.lwReading = String(reading);
    }
  }

  return { ticks, show };
}
