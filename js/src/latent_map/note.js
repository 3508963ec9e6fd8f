import { element } from "../dom/element.js";
import { GROUND } from "./control.js";

const NEAR = "what is not one of these latents is drawn between the five most like it";

/**
 * The line below the map: what the map is of, what is on its way, or a hint for the person.
 * @param {import("@anywidget/types").AnyModel} model
 */
export function createNote(model) {
  const note = element("div", { class: "lw-map-note", role: "status" });
  let hint = "";

  /** What the map is of. */
  function facts() {
    const { note: more, name, axes, near } = model.get("_about");
    const other = model.get("_spot")[0] < GROUND || model.get("_track").length > 0;
    const what = axes.length > 0 ? `${axes[0]} across, ${axes[1]} up` : name;
    return [what, more, near && other && NEAR].filter(Boolean).join(" · ");
  }

  /** What is on its way; nothing where all is here. */
  function waiting() {
    const fitting = model.get("_fitting");
    if (!fitting) return "";
    const choices = /** @type {[string, string][]} */ (model.get("_projections"));
    const title = choices.find(([name]) => name === fitting)?.[1] ?? fitting;
    const count = model.get("_about").count.toLocaleString("en");
    return `${title} of ${count} latents is on its way; it may take a minute.`;
  }

  function follow() {
    note.textContent = hint || waiting() || facts();
    note.dataset.lwHint = String(hint !== "");
  }

  /** @param {string} text of a hint; none where there is nothing to hint at */
  function setHint(text) {
    hint = text;
    follow();
  }

  return { note, follow, setHint };
}
