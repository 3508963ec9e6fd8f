import { createButton } from "../controls/button.js";
import { element } from "../dom/element.js";
import { download, drawn } from "./save/file.js";
import { createForms } from "./save/forms.js";
import { createSizes } from "./save/sizes.js";

export { copyCode } from "../controls/copy.js";
export { takeFiles, takeRecipes } from "./save/drop.js";

/** A kernel may be busy, or decode a whole grid. After this long the page saves the picture it has. */
const PATIENCE_MS = 60_000;

/** @typedef {import("../stage/stage.js").Stage} Stage */

/**
 * What can be saved of a widget, and how large: its picture, a film, a page. The kernel makes it; where
 * none answers, there is the picture that the page shows.
 * @param {Stage} stage
 * @param {string} kind of widget
 * @param {AbortSignal} signal
 */
export default function createSaver(stage, kind, signal) {
  const { model } = stage;
  const forms = createForms(stage, kind, choose, rest, signal);
  const sizes = createSizes(rest, signal);
  const button = createButton("", "Save it as a file", write, signal);
  const said = element("span", { class: "lw-quiet", role: "status" });
  const box = element("div", { class: "lw-saver", role: "group", "aria-label": "Save" }, [
    forms.field,
    forms.moves,
    sizes.field,
    sizes.own,
    button,
    said,
  ]);

  let fault = "";

  /** The canvas on which the picture is shown, if it is shown on one. */
  function canvas() {
    const around = box.closest(".lw-look") ?? box.closest(".lw-root");
    return /** @type {HTMLCanvasElement | null | undefined} */ (
      around?.querySelector("canvas.lw-picture")
    );
  }

  /** How wide the picture is on the page, in pixels. */
  function shown() {
    if (forms.chosen.form === "map") return model.get("height");
    if (kind === "latent-grid") return model.get("_cells").columns.count * model.get("cell_size");
    return canvas()?.clientWidth || model.get("size");
  }

  /** Another form was chosen, or what there is has changed: offer its sizes. */
  function choose() {
    const { form, sized, film } = forms.chosen;
    sizes.field.hidden = !sized;
    if (sized) sizes.offerFor(shown(), { film, ...sides(form, canvas()) });
    else sizes.own.hidden = true;
    rest();
  }

  /** Nothing has been saved as it is chosen now. */
  function rest() {
    if (box.ariaBusy === "true") return;
    const { short, about } = forms.chosen;
    fault = forms.chosen.fault;
    button.textContent = `Save ${short}`;
    button.ariaDisabled = String(Boolean(fault)); // one that is disabled would lose the focus
    said.textContent = fault || about;
  }

  async function write() {
    if (button.ariaDisabled === "true") return;
    const { chosen } = forms;
    const across = chosen.sized ? sizes.wanted() : null;
    if (across === undefined) {
      said.textContent = `A width is a whole number from 1 to ${sizes.most.toLocaleString("en")}.`;
      return;
    }
    box.ariaBusy = button.ariaDisabled = "true";
    said.textContent = chosen.making;
    let end;
    try {
      end = await kept(chosen, across);
    } catch (error) {
      end = `Not saved: ${error instanceof Error ? error.message : error}`;
    }
    box.ariaBusy = "false";
    rest(); // something else may have been chosen meanwhile
    said.textContent = end;
  }

  /**
   * Save what was chosen.
   * @param {import("./save/forms.js").Chosen} chosen
   * @param {number | null} width
   * @returns {Promise<string>} what was saved
   */
  async function kept({ form, along, ending, mime }, width) {
    const { route, at } = stage;
    const name = `${kind}.${ending}`;
    const waits = form === "picture" || form === "map" ? { ms: PATIENCE_MS } : {};
    const how = { ...waits, form, width, along };
    const answer = await stage.mailbox.inquire("file", { route, at }, how);
    if (answer) {
      const file = new Blob(answer.buffers, { type: mime });
      download(file, name);
      return `Saved ${name}: ${answer.size ? `${words(answer.size)}, ` : ""}${bytes(file.size)}.`;
    }
    if (stage.route !== route) throw new Error("what is shown has changed; save it again.");
    const frame = canvas();
    if (!frame || form !== "picture" || kind === "latent-grid")
      throw new Error("the kernel did not answer.");
    const size = [frame.width, frame.height];
    if (width) size.splice(0, 2, width, Math.round((width * frame.height) / frame.width));
    download(await drawn(frame, size), name);
    return `Saved as the page shows it, ${words(size)}, without a recipe: the kernel did not answer.`;
  }

  /** What there is to save, and its sizes, are those of now: a page may have grown. */
  function open() {
    if (box.parentElement?.hidden) return;
    forms.offer();
    choose();
    (forms.field.hidden ? sizes : forms).select.focus();
  }

  // As soon as it is in its panel, which tells whenever it is shown.
  queueMicrotask(() => {
    box.parentElement?.addEventListener("toggle", open, { signal });
    open();
  });
  // Whether there is an edit to film may change while the menu is open.
  stage.listen(() => forms.chosen.fault !== fault && rest(), signal);
  return box;
}

/**
 * How wide a picture is decoded, as far as that is known, and how high it is for its width.
 * @param {string} form
 * @param {HTMLCanvasElement | null | undefined} frame
 */
function sides(form, frame) {
  const { width = 1, height = 1 } = frame ?? {};
  return { pixels: form === "map" ? 0 : width, high: height / width };
}

/** @param {number[]} size */
function words([width, height]) {
  return `${width.toLocaleString("en")} × ${height.toLocaleString("en")} px`;
}

/** @param {number} count how many bytes */
function bytes(count) {
  if (count < 1000) return `${count} bytes`;
  const [share, unit] = count < 1e6 ? [count / 1e3, "kB"] : [count / 1e6, "MB"];
  return `${share.toFixed(share < 10 ? 1 : 0)} ${unit}`;
}
