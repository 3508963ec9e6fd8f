import { createButton } from "../controls/button.js";
import { element } from "../dom/element.js";
import { save } from "../stage/save.js";
import { GROUND } from "./control.js";

const NEAR = "what is not one of these latents is drawn between the five most like it";

/**
 * The line below the map: what the map is of, what is on its way, or a hint for the person.
 * Beside what is on its way: how much of it is done, and a button that cancels it.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 */
export function createNote(model, signal) {
  const note = element("div", { class: "lw-map-note", role: "status" });
  const done = /** @type {HTMLProgressElement} */ (element("progress", { max: 1 }));
  const cancel = createButton(
    "Cancel",
    "Stop, and leave the map as it is",
    () => save(model, "_cancels", model.get("_fit")),
    signal,
  );
  const line = element("div", { class: "lw-map-note-line" }, [note, done, cancel]);
  let hint = "";

  /** What the map is of. */
  function facts() {
    const { note: more, name, near } = model.get("_about");
    const other = model.get("_spot")[0] < GROUND || model.get("_track").length > 0;
    return [name, more, near && other && NEAR].filter(Boolean).join(" · ");
  }

  /** The title of what is on its way. */
  function title() {
    const fitting = model.get("_fitting");
    const choices = /** @type {[string, string][]} */ (model.get("_projections"));
    return choices.find(([name]) => name === fitting)?.[1] ?? fitting;
  }

  /** What is on its way; nothing where all is here. */
  function waiting() {
    if (!model.get("_fitting")) return "";
    const count = model.get("_about").count.toLocaleString("en");
    return `${title()} of ${count} latents is on its way; it may take a minute.`;
  }

  /** Show how much of it is done: a bar, since words would be read aloud at every step. */
  function followShare() {
    done.value = model.get("_share");
    const busy = model.get("_fitting") !== "";
    done.hidden = cancel.hidden = !busy;
    if (busy) done.setAttribute("aria-label", `${title()}, share done`);
  }

  function follow() {
    note.textContent = hint || waiting() || facts();
    note.dataset.lwHint = String(hint !== "");
    followShare();
  }

  /** @param {string} text of a hint; none where there is nothing to hint at */
  function setHint(text) {
    hint = text;
    follow();
  }

  return { note, line, follow, followShare, setHint };
}
