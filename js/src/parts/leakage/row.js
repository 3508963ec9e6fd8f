import { createButton } from "../../controls/button.js";
import { element } from "../../dom/element.js";
import { isRandom, rowOf, said, written } from "./leaks.js";

/**
 * What moves too, side by side: a click on a direction holds it still, or lets it go.
 * @param {import("./leaks.js").Model} model
 * @param {(name: string, held: boolean) => void} onHold
 * @param {AbortSignal} signal
 */
export function createLeakRow(model, onHold, signal) {
  const row = element("div", { class: "lw-leaks" });
  /** @type {Map<string, HTMLElement>} */
  const buttons = new Map();

  /** What can be held is a button; what else measures is a text. @param {string} name */
  function buttonOf(name) {
    const held = rowOf(model, name) >= 0;
    const key = `${held} ${name}`;
    const found =
      buttons.get(key) ??
      (held
        ? createButton("", "", () => toggle(name), signal)
        : element("span", { role: "note", tabindex: 0 }));
    found.classList.add("lw-leak");
    buttons.set(key, found);
    return found;
  }

  /** @param {string} name */
  function toggle(name) {
    onHold(name, !model.get("hold").includes(name));
  }

  /** Write down one. @param {import("./leaks.js").Leak} leak */
  function write({ name, effect, chance, note, waits }) {
    const held = model.get("hold").includes(name);
    const leak = buttonOf(name);
    const holds = rowOf(model, name) >= 0;
    leak.textContent = [name, held && "held,", written(effect)].filter(Boolean).join(" ");
    if (effect === undefined) leak.textContent = `${name} ${held ? "held" : "…"}`;
    if (holds) leak.ariaPressed = String(held);
    leak.classList.toggle("lw-faint", isRandom({ effect, chance }));
    const acts = held ? "Click to let it go." : "Click to hold it still.";
    const change = waits ? [] : said(name, effect, chance);
    const words = [...change, note, holds && acts];
    leak.title = words.filter(Boolean).join(" ");
    // A title alone is not read out of what has a text.
    leak.setAttribute("aria-description", leak.title);
  }

  /** @param {import("./leaks.js").Leak[]} leaks */
  function show(leaks) {
    for (const leak of leaks) write(leak);
    const shown = leaks.map(({ name }) => buttonOf(name));
    const { children } = row;
    // A button that has the focus keeps its place, and the focus.
    const same = shown.length === children.length && shown.every((one) => one.parentNode);
    if (same && row.matches(":focus-within")) return;
    if (shown.length === children.length && shown.every((one, i) => one === children[i])) return;
    const focused = focusedOne();
    row.replaceChildren(...shown);
    focused?.[1].focus({ preventScroll: true });
  }

  /** What has the focus, and its name. */
  function focusedOne() {
    return [...buttons].find(([, one]) => one.matches(":focus"));
  }

  /** The name of what has the focus, which is not taken away; empty for none. */
  function focusedName() {
    const [key = ""] = focusedOne() ?? [];
    return key.slice(key.indexOf(" ") + 1);
  }

  return { row, show, focusedName };
}
