import { createButton } from "../controls/button.js";
import { createMenu } from "../controls/menu.js";
import { element } from "../dom/element.js";

/** A kernel may be busy, or decode a whole grid. After this long the page saves what it has. */
const PATIENCE_MS = 60_000;
/** No picture is wider, in pixels. */
const WIDEST = 16_384;
const TIMES = [1, 2, 4];
/** Sizes that are not so many times what is shown. */
const DECODED = "decoded";
const OWN = "own";
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
  const what = createMenu("What", [], offerSizes, signal);
  const sizes = createMenu("Size", [], choose, signal);
  const width = element("input", {
    type: "number",
    class: "lw-number",
    min: 1,
    max: WIDEST,
    step: 1,
    "aria-label": "Width in pixels",
  });
  const own = element("label", { class: "lw-field" }, [width, element("span", { text: "px" })]);
  const button = createButton("Save PNG", "", write, signal);
  const said = element("span", { class: "lw-quiet", role: "status" });
  const box = element("div", { class: "lw-saver", role: "group", "aria-label": "Save" }, [
    what.field,
    sizes.field,
    own,
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
    const across = shown();
    const times = TIMES.filter((by) => by * across <= WIDEST);
    /** @type {[string, string][]} */
    const many = times.map((by) => [
      String(by * across),
      `${by}×, ${(by * across).toLocaleString("en")} px`,
    ]);
    const bare = what.select.value === MAP ? [] : [[DECODED, "pixels as decoded"]];
    sizes.offer(
      [...many, .../** @type {[string, string][]} */ (bare), [OWN, "own width…"]],
      many[1]?.[0] ?? OWN,
    );
    width.value ||= String(2 * across);
    choose();
  }

  function choose() {
    own.hidden = sizes.select.value !== OWN;
    button.textContent = "Save PNG";
    said.textContent = "";
    if (!own.hidden && document.activeElement === sizes.select) width.select();
  }

  /** The width that is wanted; null for as many pixels as are decoded. */
  function wanted() {
    const { value } = sizes.select;
    return value === DECODED ? null : value === OWN ? width.valueAsNumber : Number(value);
  }

  async function write() {
    const across = wanted();
    if (across !== null && !(Number.isInteger(across) && across >= 1 && across <= WIDEST)) {
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
    const of_map = what.select.value === MAP;
    const how = { ms: PATIENCE_MS, width: across, of_map };
    const answer = await stage.mailbox.inquire("picture", { route, at }, how);
    if (answer) {
      download(await (await fetch(`data:image/png;base64,${answer.png}`)).blob());
      return `Saved, ${words(answer.size)}.`;
    }
    if (stage.route !== route) throw new Error("what is shown has changed; save it again.");
    const frame = canvas();
    if (!frame || of_map || kind === "latent-grid") throw new Error("the kernel did not answer.");
    const size = [frame.width, frame.height];
    if (across) size.splice(0, 2, across, Math.round((across * frame.height) / frame.width));
    download(await drawn(frame, size));
    return `Saved as the page shows it, ${words(size)}, without a recipe: the kernel did not answer.`;
  }

  /** @param {Blob} blob */
  function download(blob) {
    const href = URL.createObjectURL(blob);
    element("a", { href, download: `${kind}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
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

/**
 * Enlarge what a canvas shows; its pixels become squares.
 * @param {HTMLCanvasElement} frame
 * @param {number[]} size
 * @returns {Promise<Blob>}
 */
async function drawn(frame, [width, height]) {
  const large = element("canvas", { width, height });
  const context = large.getContext("2d");
  if (!context) throw new Error("this browser draws no pictures.");
  context.imageSmoothingEnabled = width < frame.width;
  context.drawImage(frame, 0, 0, width, height);
  const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ done) =>
    large.toBlob(done, "image/png"),
  );
  if (!blob) throw new Error("the picture is too large for this browser.");
  return blob;
}
