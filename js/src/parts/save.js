import { createButton } from "../controls/button.js";
import { element } from "../dom/element.js";
import { download, drawn } from "./save/file.js";
import { createForms } from "./save/forms.js";
import { createSizes } from "./save/sizes.js";

export { copyCode } from "../controls/copy.js";
export { takeFile, takeFiles, takeRecipes } from "./save/drop.js";

/** A kernel may be busy, or decode a whole grid. After this long the page saves the picture it has. */
const PATIENCE_MS = 60_000;
const TITLE = "Save it as a file";
/** Of what asks for files: a newer question takes the place of the one before. */
const SUFFIX = "-file";

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
  const button = createButton("", TITLE, press, signal);
  const said = element("span", { class: "lw-quiet", role: "status" });
  const box = element("div", { class: "lw-saver", role: "group", "aria-label": "Save" }, [
    forms.field,
    ...forms.ofFilm,
    sizes.field,
    sizes.own,
    button,
    said,
  ]);

  let fault = "";
  /** Ends the waiting for a film or a page; there is none where nothing can be cancelled. @type {AbortController | undefined} */
  let making;

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
    const { form, sized, film, seconds } = forms.chosen;
    sizes.field.hidden = !sized;
    if (sized) sizes.offerFor(shown(), { seconds: film ? seconds : 0, ...sides(form, canvas()) });
    else sizes.own.hidden = true;
    rest();
  }

  /** Nothing has been saved as it is chosen now. */
  function rest() {
    if (box.ariaBusy === "true") return;
    const { short, about } = forms.chosen;
    fault = forms.chosen.fault;
    button.textContent = `Save ${short}`;
    button.title = TITLE;
    button.ariaDisabled = String(Boolean(fault)); // one that is disabled would lose the focus
    said.textContent = fault || about;
  }

  /** Save what is chosen, or cancel what is being made. @param {MouseEvent} [event] */
  async function press(event) {
    if (!making) await write();
    // Who clicks twice to save does not mean that.
    else if (!event || event.detail < 2) making.abort();
  }

  async function write() {
    if (button.ariaDisabled === "true") return;
    const { chosen } = forms;
    const across = chosen.sized ? sizes.wanted() : null;
    if (across === undefined) {
      said.textContent = `A width is a whole number from 1 to ${sizes.most.toLocaleString("en")}.`;
      return;
    }
    box.ariaBusy = "true";
    if (isStill(chosen)) button.ariaDisabled = "true";
    else {
      making = new AbortController();
      button.textContent = "Cancel";
      button.title = "Stop making it: nothing is saved";
    }
    said.textContent = chosen.making;
    let end;
    try {
      end = await kept({ stage, kind, canvas }, chosen, across, making?.signal);
    } catch (error) {
      end = `Not saved: ${error instanceof Error ? error.message : error}`;
    }
    box.ariaBusy = "false";
    making = undefined;
    rest(); // something else may have been chosen meanwhile
    said.textContent = end;
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
 * Save what was chosen.
 * @param {{ stage: Stage, kind: string, canvas: () => HTMLCanvasElement | null | undefined }} of what
 * @param {import("./save/forms.js").Chosen} chosen
 * @param {number | null} width
 * @param {AbortSignal} [cancelled]
 * @returns {Promise<string>} what was saved
 */
async function kept({ stage, kind, canvas }, chosen, width, cancelled) {
  const { form, along, ending, mime, seconds, captions } = chosen;
  const { route, at } = stage;
  const name = `${kind}.${ending}`;
  const waits = isStill(chosen) ? { ms: PATIENCE_MS } : { signal: cancelled };
  const how = { ...waits, suffix: SUFFIX, form, width, along, seconds, captions };
  const answer = await stage.mailbox.inquire("file", { route, at }, how);
  if (answer) {
    const file = new Blob(answer.buffers, { type: mime });
    download(file, name);
    return `Saved ${name}: ${answer.size ? `${words(answer.size)}, ` : ""}${bytes(file.size)}.`;
  }
  if (cancelled?.aborted) {
    stage.mailbox.inquire("stop", { route, at }, { suffix: SUFFIX, ms: 0 });
    return "Cancelled: nothing is saved.";
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

/** Whether it is one picture, which is soon there. @param {import("./save/forms.js").Chosen} chosen */
function isStill({ form }) {
  return form === "picture" || form === "map";
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
