import { createRoot } from "../controls/view.js";
import { element } from "../dom/element.js";
import { createHistory } from "./history.js";

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
  const history = createHistory(model, signal);
  /** @type {Promise<void>[]} */
  const shown = [];
  const columns = COLUMNS.map((titles) =>
    Object.entries(titles).flatMap(([name, title]) => {
      const ref = model.get(name);
      if (!ref) return [];
      const { part, done } = createPart(name, title, ref, host, signal);
      shown.push(done);
      return [part];
    }),
  ).filter((parts) => parts.length > 0);
  const root = createRoot("latent-explorer", [
    history.tools,
    element(
      "div",
      { class: "lw-parts" },
      columns.map((parts) => element("div", { class: "lw-column" }, parts)),
    ),
  ]);
  // A click anywhere in it brings the keys here.
  root.tabIndex = -1;
  root.addEventListener("keydown", history.press, { signal });

  function follow() {
    const page = /** @type {Document | ShadowRoot} */ (root.getRootNode());
    const focused = root.contains(page.activeElement);
    history.follow();
    // A button that has just been disabled or removed hears no keys.
    const lost = !root.contains(page.activeElement) || page.activeElement?.matches(":disabled");
    if (focused && lost) root.focus({ preventScroll: true });
  }

  model.on("change", follow);
  follow();
  Promise.all(shown).then(() => signal.aborted || history.send({ type: "shown" }));
  return root;
}

/**
 * One part under its title.
 * @param {string} name
 * @param {string} title
 * @param {string} ref refers to its widget
 * @param {Host} host
 * @param {AbortSignal} signal
 * @returns {{ part: HTMLElement, done: Promise<void> }} `done` when it is shown, or cannot be
 */
function createPart(name, title, ref, host, signal) {
  const body = element("div", { class: "lw-body" });
  const part = element("section", { class: `lw-part lw-part-${name}`, "aria-label": title }, [
    element("h4", { class: "lw-title", text: title }),
    body,
  ]);

  async function show() {
    try {
      const widget = await host.getWidget(ref);
      await widget.render({ el: body, signal });
    } catch (error) {
      body.replaceChildren(
        element("div", { class: "lw-alert", role: "alert", text: String(error) }),
      );
    }
  }

  return { part, done: show() };
}
