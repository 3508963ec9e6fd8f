import { createButton } from "../controls/button.js";
import { createMenu } from "../controls/menu.js";
import { element } from "../dom/element.js";

const HOW =
  "Draw round points with the lasso, or click a colour: the grid shows them, and a slider can lead to them.";

/** @typedef {import("@anywidget/types").AnyModel} Model */
/** @typedef {(message: import("../stage/messages.js").ExplorerMessage) => void} Send */

/**
 * Below the map: what can be done with the latents that are selected there.
 * @param {Model} model
 * @param {Send} send
 * @param {() => void} onMake a slider is on its way
 * @param {AbortSignal} signal
 */
export function createSelection(model, send, onMake, signal) {
  const about = element("span", { class: "lw-chosen-of" });
  const name = element("input", {
    type: "text",
    class: "lw-entry lw-called",
    placeholder: "Name",
    title: "What the slider or the label is to be called; Enter makes the slider",
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
  const bar = element(
    "div",
    { class: "lw-selection", role: "group", "aria-label": "Selected latents" },
    [about, ...controls, said],
  );

  function make() {
    if (slider.disabled) return;
    send({ type: "slider", name: name.value });
    name.value = "";
    onMake();
  }

  function give() {
    send({ type: "name", name: name.value });
    name.value = "";
  }

  // A notebook takes the Enter key for itself: no form would be sent.
  name.addEventListener("keydown", ({ key }) => key === "Enter" && make(), { signal });

  function follow() {
    /** @type {{ count: number, first: number, said: string }} */
    const now = model.get("_selection");
    const [count, first] = [now.count ?? 0, now.first ?? 0];
    const b = count ? `B: ${count.toLocaleString("en")}.` : "Select others as B.";
    about.textContent = first ? `A: ${first.toLocaleString("en")}. ${b}` : "";
    slider.textContent = first ? "Make slider A to B" : "Make slider";
    slider.title = first
      ? "A direction from the mean of A to the mean of B"
      : "A direction from the mean of all others to the mean of the selected";
    for (const one of [slider, name, call, compare]) one.disabled = count === 0;
    compare.hidden = first > 0;
    forget.hidden = first === 0;
    said.textContent = now.said || (count || first ? "" : HOW);
  }

  return { bar, follow };
}

/**
 * Above the grid: what it shows.
 * @param {Model} model
 * @param {Send} send
 * @param {AbortSignal} signal
 */
export function createShown(model, send, signal) {
  const menu = createMenu(
    "Show",
    "What the grid shows, and in which order",
    [],
    (name) => {
      asked = true;
      send({ type: "show", name });
    },
    signal,
  );
  const bar = element("div", { class: "lw-shown" }, [menu.field]);
  let asked = false;
  /** @type {unknown} */
  let drawn;

  function follow() {
    const now = model.get("_shown");
    if (now === drawn) return; // a menu that is open would close
    drawn = now;
    menu.offer(now.choices ?? [], now.at);
    if (asked) bar.parentElement?.scrollIntoView({ block: "nearest" }); // the new cells are below it
    asked = false;
  }

  return { bar, follow };
}
