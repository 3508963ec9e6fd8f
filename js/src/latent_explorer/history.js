import { createButton } from "../controls/button.js";
import { createHelp } from "../controls/help.js";
import { element } from "../dom/element.js";
import { sent } from "../stage/messages.js";

const UNREACHED = "The kernel could not be reached. Run the cell again.";

/** @typedef {import("../stage/messages.js").ExplorerMessage} ExplorerMessage */

/**
 * Undo, redo and bookmarks, and what the kernel says beside them.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {() => void} onAxes sliders are on their way
 * @param {AbortSignal} signal
 */
export function createHistory(model, onAxes, signal) {
  const undo = createButton("Undo", "Undo (Ctrl+Z)", () => send({ type: "undo" }), signal);
  const redo = createButton("Redo", "Redo (Ctrl+Shift+Z)", () => send({ type: "redo" }), signal);
  const keep = createButton(
    "Bookmark",
    "Keep this state",
    () => send({ type: "bookmark" }),
    signal,
  );
  const axes = createButton(
    "Add axes",
    "A slider for each axis of the latent; of many, for those that change the output most",
    () => {
      onAxes();
      send({ type: "axes" });
    },
    signal,
  );
  axes.hidden = !model.get("editor");
  const marks = element("div", { class: "lw-bookmarks", role: "group", "aria-label": "Bookmarks" });
  const note = element("div", { class: "lw-doing", role: "status" });
  const help = createHelp(model, "latent-explorer", signal);
  const tools = element("div", { class: "lw-tools" }, [undo, redo, keep, axes, help, marks, note]);
  // Hidden on a saved page, and in a notebook that lost its kernel: nobody would answer.
  for (const one of [undo, redo, keep, axes, marks]) one.dataset.lwKernel = "";
  /** Names of the bookmarks that are shown, as JSON. */
  let named = "";

  /** @param {ExplorerMessage} message */
  function send(message) {
    if (!sent(model, message)) fail(UNREACHED);
  }

  /** @param {string} words why something is not done */
  function fail(words) {
    note.textContent = words;
  }

  /**
   * The keys that undo and redo; where somebody types, they are the field's own. The name of what is
   * selected takes the keys by itself: until it is typed, there is nothing else to undo in it.
   * @param {KeyboardEvent} event
   */
  function press(event) {
    const { target, key } = event;
    const typing =
      target instanceof HTMLInputElement &&
      target.type !== "range" &&
      (target.value !== "" || !target.matches(".lw-called"));
    if (typing || !(event.ctrlKey || event.metaKey) || key.toLowerCase() !== "z") return;
    event.preventDefault();
    event.stopPropagation();
    send({ type: event.shiftKey ? "redo" : "undo" });
  }

  /** @param {string} name */
  function bookmark(name) {
    const open = () => send({ type: "open", name });
    const remove = () => send({ type: "remove", name });
    return element("span", { class: "lw-bookmark" }, [
      createButton(name, `Go back to ${name}`, open, signal),
      createButton("×", `Forget ${name}`, remove, signal),
    ]);
  }

  function follow() {
    const steps = model.get("_steps");
    undo.disabled = !steps.undo;
    redo.disabled = !steps.redo;
    note.textContent = model.get("_note");
    /** @type {string[]} */
    const names = model.get("_bookmarks");
    if (named === JSON.stringify(names)) return;
    named = JSON.stringify(names);
    marks.replaceChildren(...names.map(bookmark));
  }

  return { tools, send, fail, press, follow };
}
