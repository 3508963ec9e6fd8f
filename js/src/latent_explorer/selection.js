import { createButton } from "../controls/button.js";
import { createMenu } from "../controls/menu.js";
import { element, listen } from "../dom/element.js";

const HOW =
  "Draw round points with the lasso, or click a colour: the grid shows them, and a slider can lead to them.";
const BAR = {
  class: "lw-selection",
  role: "group",
  "aria-label": "Selected latents",
  "data-lw-kernel": "", // hidden where none would answer, as what the grid shows is
};

/** @typedef {import("@anywidget/types").AnyModel} Model */
/** @typedef {(message: import("../stage/messages.js").ExplorerMessage) => void} Send */

/**
 * Below the map: what can be done with the latents that are selected there.
 * @param {Model} model
 * @param {Send} send
 * @param {object} on
 * @param {() => void} on.make a slider is on its way
 * @param {() => void} on.leave the keys are to go to the map
 * @param {AbortSignal} signal
 */
export function createSelection(model, send, on, signal) {
  const about = element("span", { class: "lw-chosen-of", role: "status" });
  /** So many points have been drawn round, of which the kernel has not heard yet. */
  let enclosed = 0;
  /** Enter was pressed meanwhile: the slider is made as soon as the kernel knows of what. */
  let isAwaited = false;
  const name = element("input", {
    type: "text",
    class: "lw-entry lw-called",
    placeholder: "Name",
    title:
      "What the slider or the label is to be called; Enter makes the slider, Escape leads back to the map",
    "aria-label": "Name of the selected latents, or of the slider",
  });
  const slider = createButton("Make slider", "", make, signal);
  const call = createButton(
    "Add label",
    "Give the selected latents this name as a label",
    give,
    signal,
  );
  const compare = createButton(
    "Compare…",
    "Keep these as A, select others as B, and make a slider that leads from A to B",
    () => send({ type: "compare" }),
    signal,
  );
  const forget = createButton(
    "Forget A",
    "Compare with all others again",
    () => send({ type: "forget" }),
    signal,
  );
  const said = element("div", { class: "lw-selection-said", role: "status" });
  const controls = [name, slider, call, compare, forget];
  const bar = element("div", BAR, [about, ...controls, said]);

  function make() {
    isAwaited = enclosed > 0;
    if (slider.disabled || isAwaited) return;
    send({ type: "slider", name: name.value });
    name.value = "";
    on.make();
  }

  function give() {
    send({ type: "name", name: name.value });
    name.value = "";
  }

  // A notebook takes the Enter key for itself: no form would be sent.
  function press(/** @type {KeyboardEvent} */ { key }) {
    if (key === "Enter") make();
    if (key !== "Escape") return;
    isAwaited = false;
    on.leave();
  }
  listen(name, { keydown: press }, signal);

  /**
   * The mouse has drawn round points: what is typed from now on is their name, however long the
   * kernel takes to hear of them.
   * @param {number} count
   */
  function enclose(count) {
    enclosed = count;
    isAwaited = false;
    follow();
    const page = /** @type {Document | ShadowRoot} */ (bar.getRootNode());
    if (!bar.closest(".lw-root")?.contains(page.activeElement)) return;
    const { top, bottom } = name.getBoundingClientRect();
    name.focus({ preventScroll: top >= 0 && bottom <= innerHeight });
  }

  /**
   * The map has so many selected by now. Where that is no longer what was drawn round, since the
   * kernel refused some or a key dropped them, no answer with the number of the lasso will come.
   * @param {number} count
   */
  function correct(count) {
    if (enclosed === 0 || enclosed === count) return;
    enclosed = count;
    isAwaited = false; // the name was meant for others
    follow();
  }

  function follow() {
    /** @type {{ count: number, first: number, said: string }} */
    const now = model.get("_selection");
    if (now.count === enclosed) enclosed = 0;
    const [count, first] = [enclosed || (now.count ?? 0), now.first ?? 0];
    const b = count ? `B: ${count.toLocaleString("en")}.` : "Select others as B.";
    /** @type {{ at?: string, choices?: [string, string][] }} */
    const { at = "", choices = [] } = model.get("_shown");
    const isSelected = (/** @type {string} */ one) => one.endsWith("selected");
    const elsewhere = choices.some(([one]) => isSelected(one)) && !isSelected(at);
    const selected = `${count.toLocaleString("en")} selected`;
    if (first) about.textContent = `A: ${first.toLocaleString("en")}. ${b}`;
    else if (!count) about.textContent = "";
    else about.textContent = elsewhere ? `${selected}; the grid shows others` : selected;
    bar.classList.toggle("lw-in-use", count + first > 0);
    slider.textContent = first ? "Make slider A to B" : "Make slider";
    slider.title = first
      ? "A direction from the mean of A to the mean of B"
      : "A direction from the mean of all others to the mean of the selected";
    name.disabled = count === 0;
    for (const one of [slider, call, compare]) one.disabled = count === 0 || enclosed > 0;
    compare.hidden = first > 0;
    forget.hidden = first === 0;
    said.textContent = now.said || (count || first ? "" : HOW);
    if (isAwaited && enclosed === 0) make();
  }

  return { bar, follow, enclose, correct };
}

/**
 * Above the grid: what it shows, and a button that puts the odd ones first.
 * @param {Model} model
 * @param {Send} send
 * @param {AbortSignal} signal
 */
export function createShown(model, send, signal) {
  const menu = createMenu("Show", "What the grid shows", [], show, signal);
  const odd = createButton(
    "Outliers first",
    "Sort by how far each is from its neighbours, farthest first",
    () => show(model.get("_shown").other),
    signal,
  );
  const bar = element("div", { class: "lw-shown", "data-lw-kernel": "" }, [menu.field, odd]);
  let asked = false;
  /** @type {unknown} */
  let drawn;

  /** @param {string} name */
  function show(name) {
    asked = true;
    send({ type: "show", name });
  }

  function follow() {
    const now = model.get("_shown");
    if (now === drawn) return; // a menu that is open would close
    drawn = now;
    menu.offer(now.choices ?? [], now.at);
    odd.ariaPressed = String(now.odd ?? false);
    if (asked) bar.parentElement?.scrollIntoView({ block: "nearest" }); // the new cells are below it
    asked = false;
  }

  return { bar, follow };
}
