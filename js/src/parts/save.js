import { createButton } from "../controls/button.js";
import { createMenu } from "../controls/menu.js";
import { element } from "../dom/element.js";
import { download, drawn } from "./save/file.js";
import { createSizes, WIDEST } from "./save/sizes.js";

export { copyCode } from "../controls/copy.js";

/** A kernel may be busy, or decode a whole grid. After this long the page saves what it has. */
const PATIENCE_MS = 60_000;
/** What a map can be saved as. */
const MAP = "map";

/** @typedef {import("../stage/stage.js").Stage} Stage */

/**
 * What a picture can be saved as, and how large. The kernel draws it; where none answers, it is the
 * picture that the page shows.
 * @param {Stage} stage
 * @param {string} kind of widget
 * @param {AbortSignal} signal
 */
export default function createSaver(stage, kind, signal) {
  const { model } = stage;
  const what = createMenu("What", "What is drawn", [], offerSizes, signal);
  const sizes = createSizes(rest, signal);
  const button = createButton("Save PNG", "Save it as a file", write, signal);
  const said = element("span", { class: "lw-quiet", role: "status" });
  const box = element("div", { class: "lw-saver", role: "group", "aria-label": "Save" }, [
    what.field,
    sizes.field,
    sizes.own,
    button,
    said,
  ]);

  /** The canvas on which the picture is shown, if it is shown on one. */
  function canvas() {
    const around = box.closest(".lw-look") ?? box.closest(".lw-root");
    return /** @type {HTMLCanvasElement | null | undefined} */ (
      around?.querySelector("canvas.lw-picture")
    );
  }

  function offer() {
    const draws = kind !== "latent-map" || model.get("_about").draws;
    /** @type {[string, string][]} */
    const all = [
      ["picture", kind === "latent-grid" ? "All cells" : "Picture"],
      [MAP, "Map"],
    ];
    const kinds = all.filter(([name]) => (name === MAP ? kind === "latent-map" : draws));
    what.offer(kinds, kinds[0][0]);
    what.field.hidden = kinds.length < 2;
    offerSizes();
  }

  /** How wide the picture is on the page, in pixels. */
  function shown() {
    if (what.select.value === MAP) return model.get("height");
    if (kind === "latent-grid") return model.get("_cells").columns.count * model.get("cell_size");
    return canvas()?.clientWidth || model.get("size");
  }

  function offerSizes() {
    sizes.offerFor(shown(), what.select.value !== MAP);
  }

  /** Nothing has been saved as it is chosen now. */
  function rest() {
    button.textContent = "Save PNG";
    said.textContent = "";
  }

  async function write() {
    const across = sizes.wanted();
    if (across === undefined) {
      said.textContent = `A width is a whole number from 1 to ${WIDEST.toLocaleString("en")}.`;
      return;
    }
    button.disabled = true;
    said.textContent = "Drawing…";
    try {
      said.textContent = await kept(across);
    } catch (error) {
      said.textContent = `Not saved: ${error instanceof Error ? error.message : error}`;
    }
    button.disabled = false;
    // A button that was disabled has lost the focus, unless the person has gone elsewhere.
    if (document.activeElement === document.body) button.focus();
  }

  /** Save the picture. @param {number | null} across @returns {Promise<string>} what was saved */
  async function kept(across) {
    const { route, at } = stage;
    const name = `${kind}.png`;
    const of_map = what.select.value === MAP;
    const how = { ms: PATIENCE_MS, width: across, of_map };
    const answer = await stage.mailbox.inquire("picture", { route, at }, how);
    if (answer) {
      download(await (await fetch(`data:image/png;base64,${answer.png}`)).blob(), name);
      return `Saved, ${words(answer.size)}.`;
    }
    if (stage.route !== route) throw new Error("what is shown has changed; save it again.");
    const frame = canvas();
    if (!frame || of_map || kind === "latent-grid") throw new Error("the kernel did not answer.");
    const size = [frame.width, frame.height];
    if (across) size.splice(0, 2, across, Math.round((across * frame.height) / frame.width));
    download(await drawn(frame, size), name);
    return `Saved as the page shows it, ${words(size)}, without a recipe: the kernel did not answer.`;
  }

  /** The sizes are those of now: a page may have grown. */
  function open() {
    if (box.parentElement?.hidden) return;
    offer();
    (what.field.hidden ? sizes : what).select.focus();
  }

  // As soon as it is in its panel, which tells whenever it is shown.
  queueMicrotask(() => {
    box.parentElement?.addEventListener("toggle", open, { signal });
    open();
  });
  return box;
}

/** @param {number[]} size */
function words([width, height]) {
  return `${width.toLocaleString("en")} × ${height.toLocaleString("en")} px`;
}
