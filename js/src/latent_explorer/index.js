import { createRoot } from "../controls/view.js";
import { element } from "../dom/element.js";

/** The parts in the order of reading, and what they are called: where to look, and where to move. */
const COLUMNS = [
  { map: "Map", grid: "Grid" },
  { editor: "Directions", path: "Path" },
];

/** @typedef {import("@anywidget/types").AnyModel} Model */
/**
 * What anywidget gives to show another widget in this one.
 * @typedef {{ getWidget(ref: string): Promise<{ render(where: { el: HTMLElement, signal: AbortSignal }): Promise<void> }> }} Host
 */

export default {
  /** @param {{ model: Model, el: HTMLElement, host: Host, signal: AbortSignal }} context */
  render({ model, el, host, signal }) {
    el.replaceChildren(createView(model, host, signal));
  },
};

/**
 * One view of an explorer.
 * @param {Model} model
 * @param {Host} host
 * @param {AbortSignal} signal
 */
function createView(model, host, signal) {
  const undo = button("Undo", "Undo (Ctrl+Z)", () => send("undo"));
  const redo = button("Redo", "Redo (Ctrl+Shift+Z)", () => send("redo"));
  const keep = button("Bookmark", "Keep this state", () => send("bookmark"));
  const marks = element("div", { class: "lw-bookmarks", role: "group", "aria-label": "Bookmarks" });
  const note = element("div", { class: "lw-doing", role: "status" });
  const tools = element("div", { class: "lw-tools" }, [undo, redo, keep, marks, note]);
  /** @type {Promise<void>[]} */
  const shown = [];
  const columns = COLUMNS.map((titles) => Object.entries(titles).flatMap(part)).filter(
    (parts) => parts.length > 0,
  );
  const root = createRoot("latent-explorer", [
    tools,
    element(
      "div",
      { class: "lw-parts" },
      columns.map((parts) => element("div", { class: "lw-column" }, parts)),
    ),
  ]);
  // A click anywhere in it brings the keys here.
  root.tabIndex = -1;
  /** Names of the bookmarks that are shown. */
  let named = "";

  /**
   * @param {string} text
   * @param {string} title
   * @param {() => void} onClick
   */
  function button(text, title, onClick) {
    const made = element("button", { type: "button", class: "lw-button", text, title });
    made.addEventListener("click", onClick, { signal });
    return made;
  }

  /** @param {string} type @param {string} [name] */
  function send(type, name) {
    try {
      model.send({ type, name });
    } catch {
      note.textContent = "The kernel could not be reached. Run the cell again.";
    }
  }

  /** @param {[string, string]} entry @returns {HTMLElement[]} nothing where there is no such part */
  function part([name, title]) {
    const ref = model.get(name);
    if (!ref) return [];
    const body = element("div", { class: "lw-body" });
    shown.push(show(ref, body));
    return [
      element("section", { class: `lw-part lw-part-${name}`, "aria-label": title }, [
        element("h4", { class: "lw-title", text: title }),
        body,
      ]),
    ];
  }

  /** @param {string} ref @param {HTMLElement} body */
  async function show(ref, body) {
    try {
      const widget = await host.getWidget(ref);
      await widget.render({ el: body, signal });
    } catch (error) {
      body.replaceChildren(
        element("div", { class: "lw-alert", role: "alert", text: String(error) }),
      );
    }
  }

  root.addEventListener(
    "keydown",
    (event) => {
      const typing = event.target instanceof HTMLInputElement && event.target.type !== "range";
      if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      event.stopPropagation();
      send(event.shiftKey ? "redo" : "undo");
    },
    { signal },
  );

  function follow() {
    const page = /** @type {Document | ShadowRoot} */ (root.getRootNode());
    const focused = root.contains(page.activeElement);
    const steps = model.get("_steps");
    undo.disabled = !steps.undo;
    redo.disabled = !steps.redo;
    note.textContent = model.get("_note");
    followBookmarks(model.get("_bookmarks"));
    // A button that has just been disabled or removed hears no keys.
    const lost = !root.contains(page.activeElement) || page.activeElement?.matches(":disabled");
    if (focused && lost) root.focus({ preventScroll: true });
  }

  /** @param {string[]} names */
  function followBookmarks(names) {
    if (named === JSON.stringify(names)) return;
    named = JSON.stringify(names);
    marks.replaceChildren(
      ...names.map((name) =>
        element("span", { class: "lw-bookmark" }, [
          button(name, `Go back to ${name}`, () => send("open", name)),
          button("×", `Forget ${name}`, () => send("remove", name)),
        ]),
      ),
    );
  }

  model.on("change", follow);
  follow();
  Promise.all(shown).then(() => signal.aborted || send("shown"));
  return root;
}
