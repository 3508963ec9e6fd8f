import { element } from "../dom/element.js";

/**
 * What went wrong in any part, said once, beside the picture, which is always in sight: a decoder that
 * fails does so in every part. The parts' own alerts are not seen.
 * @param {AbortSignal} signal
 */
export function createTrouble(signal) {
  const alert = element("div", { class: "lw-alert", role: "alert", hidden: true });
  /** @type {HTMLElement[]} those of the parts */
  const own = [];
  let shown = "";
  const changes = new MutationObserver(follow);
  signal.addEventListener("abort", () => changes.disconnect());

  /** Hear of what goes wrong in a part. @param {HTMLElement} el what its widget is in */
  function hear(el) {
    for (const one of el.querySelectorAll(".lw-root .lw-alert")) {
      own.push(/** @type {HTMLElement} */ (one));
      changes.observe(one, { childList: true, attributes: true, attributeFilter: ["hidden"] });
    }
    follow();
  }

  function follow() {
    const said = own.filter(({ hidden }) => !hidden).map(({ textContent }) => textContent ?? "");
    const told = once(said);
    alert.hidden = told.length === 0;
    if (told.join("\n") === shown) return; // it would be read aloud again
    shown = told.join("\n");
    alert.replaceChildren(...told.map((text) => element("div", { text })));
  }

  return { alert, hear };
}

/**
 * Each message once. One that ends with another says the same, and what it stopped.
 * @param {string[]} messages
 */
function once(messages) {
  const all = [...new Set(messages)];
  return all.filter((one) => !all.some((other) => other !== one && one.endsWith(other)));
}
