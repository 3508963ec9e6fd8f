import { createRoot } from "../controls/view.js";
import { element, listen } from "../dom/element.js";
import { moduleOf } from "../loader/parts.js";
import { save } from "../stage/save.js";
import { createHistory } from "./history.js";
import { createFullScreen, createLayout, createPart, createSplitter } from "./layout.js";
import { createLooks } from "./looks.js";
import { createSelection, createShown } from "./selection.js";
import { createTrouble } from "./trouble.js";

/** The parts in the order of reading, and what they are called: where to look, and where to move. */
const COLUMNS = [
  { map: "Map", grid: "Grid" },
  { editor: "Directions", path: "Path" },
];

/** @typedef {import("@anywidget/types").AnyModel} Model */
/**
 * What anywidget gives to show another widget in this one.
 * @typedef {object} Host
 * @property {boolean} [apart] whether this is a saved page: without a kernel no part changes what another shows
 * @property {(ref: string) => Promise<Model>} getModel
 * @property {(ref: string) => Promise<{ render(where: { el: HTMLElement, signal: AbortSignal }): Promise<void> }>} getWidget
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
  const history = createHistory(model, () => layout.open("editor"), signal);
  /** @type {(name: string) => void} */
  const mark = (name) => host.apart && parts.length > 1 && layout.mark(name);
  const looks = createLooks({ stay, show: mark }, !host.apart, signal);
  const columns = COLUMNS.map((titles) =>
    Object.entries(titles)
      .filter(([name]) => model.get(name))
      .map(([name, title]) => createPart(name, title)),
  );
  const [first, second] = columns.map((parts, i) => {
    const sections = parts.map(({ section }) => section);
    return element("div", { class: "lw-column" }, i === 0 ? sections : [looks.box, ...sections]);
  });
  const all = element("div", { class: "lw-parts" });
  /** @type {import("./layout.js").Keeper} */
  const keeper = {
    read: () => model.get("_arranged") ?? {},
    keep: (changed) => save(model, "_arranged", { ...keeper.read(), ...changed }),
    listen: (follow) => model.on("change:_arranged", follow),
  };
  const splitter = createSplitter(all, keeper, signal);
  all.append(...(columns[0].length > 0 ? [first, splitter] : []), second);
  const root = createRoot("latent-explorer", [history.tools, all]);
  const trouble = createTrouble(looks.box, root, signal);
  const parts = columns.flat();
  const start = parts.find(({ name }) => name === "editor") ?? parts[0];
  /** @type {(name: string) => void} */
  const onTab = (name) => host.apart && looks.turnTo(name);
  const layout = createLayout(root, parts, start?.name, keeper, onTab, signal);
  const toMap = () => {
    // What the points are drawn in takes keys.
    const map = parts.find(({ name }) => name === "map")?.el.querySelector("[tabindex='-1']");
    /** @type {HTMLElement | undefined | null} */ (map)?.focus({ preventScroll: true });
  };
  const makes = { make: () => layout.open("editor"), leave: toMap };
  const selection = createSelection(model, history.send, makes, signal);
  const shown = createShown(model, history.send, signal);
  for (const { name, body } of parts) {
    if (name === "map" && model.get("editor")) body.append(selection.bar);
    if (name === "grid") body.prepend(shown.bar);
  }
  history.tools.append(createFullScreen(root, signal));
  all.prepend(layout.bar);
  // A click anywhere in it brings the keys here.
  root.tabIndex = -1;
  if (!host.apart) listen(root, { keydown: history.press }, signal);
  if (model.get("_saver")) {
    listen(root, { dragenter: takeFiles, dragover: takeFiles, drop: takeFiles }, signal);
  }
  /** @type {(act: (count: number) => void) => (event: Event) => void} */
  const withCount = (act) => (event) => act(/** @type {CustomEvent<number>} */ (event).detail);
  root.addEventListener("lw-lasso", withCount(selection.enclose), { signal });
  root.addEventListener("lw-selected", withCount(selection.correct), { signal });

  /** A file that is dropped brings all parts back. @param {DragEvent} event */
  async function takeFiles(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // What takes files is loaded as the first one is dragged here, and one may be dropped before it is
    // there: the browser would open it in place of the page.
    event.preventDefault();
    if ("lwTakesFiles" in root.dataset) return;
    const early = event.type === "drop" ? [...event.dataTransfer.files] : null;
    const take = (/** @type {string} */ data) => history.send({ type: "apply", data });
    try {
      const saver = await moduleOf(model, "_saver");
      saver.takeFiles(root, take, history.fail, signal);
      if (early) saver.takeFile(early, take, history.fail);
    } catch (error) {
      history.fail(`What takes files could not be loaded: ${error}`);
    }
  }

  /** What the path was led to is the current latent from now on. @param {string} name */
  async function stay(name) {
    if (name !== "path" || !model.get("editor")) return;
    const path = await host.getModel(model.get("path"));
    history.send({ type: "walk", at: path.get("value") });
  }

  /** @param {import("./layout.js").Part} part */
  async function show(part) {
    const { name, body, el } = part;
    const turn = () => looks.turnTo(name);
    listen(body, { pointerdown: turn, focusin: turn, keydown: turn }, signal);
    // What was looked at is the current latent now. Of the path, that is told by itself.
    if (name !== "path") body.addEventListener("click", looks.settle, { signal });
    try {
      const widget = await host.getWidget(model.get(name));
      await widget.render({ el, signal });
      trouble.hear(part);
      looks.take(name, el);
    } catch (error) {
      el.replaceChildren(element("div", { class: "lw-alert", role: "alert", text: String(error) }));
    }
  }

  function follow() {
    const page = /** @type {Document | ShadowRoot} */ (root.getRootNode());
    const focused = root.contains(page.activeElement);
    history.follow();
    selection.follow();
    shown.follow();
    // A button that has just been disabled or removed hears no keys.
    const lost = !root.contains(page.activeElement) || page.activeElement?.matches(":disabled");
    if (focused && lost) root.focus({ preventScroll: true });
  }

  model.on("change", follow);
  follow();
  Promise.all(parts.map(show)).then(() => signal.aborted || history.send({ type: "shown" }));
  return root;
}
