/** A file of more bytes is not sent to the kernel: see `MOST_DROPPED` there. */
const MOST_BYTES = 6_000_000;
/** How long to wait for the kernel, which may be busy, or lay out a map. */
const PATIENCE_MS = 60_000;
const DROPPING = "lw-dropping";

/** @typedef {import("../../stage/stage.js").Stage} Stage */

/**
 * Have files that are dropped on a widget bring back what they say.
 * @param {Stage} stage
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function takeRecipes(stage, root, signal) {
  // A part of an explorer leaves files to that.
  if (root.parentElement?.closest(".lw-root")) return;
  /** @param {string} data */
  async function take(data) {
    const { route, at } = stage;
    const answer = await stage.mailbox.inquire("recipe", { route, at }, { data, ms: PATIENCE_MS });
    if (answer) return stage.fail();
    const changed = stage.route !== route;
    throw new Error(
      changed ? "What is shown has changed. Drop it again." : "The kernel did not answer.",
    );
  }
  takeFiles(root, take, (message) => stage.fail(message), signal);
}

/**
 * Have files that are dropped on an element taken in, one at a time; anything else is left alone. Asked
 * once more, as whenever something is dragged there, it goes on as before.
 * @param {HTMLElement} root
 * @param {(data: string) => void | Promise<void>} take what is given the file in base64
 * @param {(message: string) => void} fail what is told why a file is not taken
 * @param {AbortSignal} signal
 */
export function takeFiles(root, take, fail, signal) {
  if ("lwTakesFiles" in root.dataset) return;
  root.dataset.lwTakesFiles = "";

  /** @param {DragEvent} event */
  function over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Else the browser would open the file in place of the page.
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
    root.classList.add(DROPPING);
  }

  /** @param {DragEvent} event */
  function leave({ relatedTarget }) {
    if (!root.contains(/** @type {Node | null} */ (relatedTarget))) root.classList.remove(DROPPING);
  }

  /** @param {DragEvent} event */
  async function drop(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    over(event);
    root.classList.remove(DROPPING);
    await takeFile([...event.dataTransfer.files], take, fail);
  }

  for (const name of ["dragenter", "dragover"])
    root.addEventListener(name, /** @type {any} */ (over), { signal });
  root.addEventListener("dragleave", leave, { signal });
  root.addEventListener("drop", drop, { signal });
}

/**
 * Take in a file that was dropped.
 * @param {File[]} files all that were
 * @param {(data: string) => void | Promise<void>} take what is given the file in base64
 * @param {(message: string) => void} fail what is told why it is not taken
 */
export async function takeFile([file, ...others], take, fail) {
  try {
    if (!file || others.length > 0) throw new Error("Drop one file.");
    await take(await read(file));
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Read a file as base64.
 * @param {File} file
 * @returns {Promise<string>}
 */
async function read(file) {
  const { name, size } = file;
  if (size > MOST_BYTES) {
    const [has, most] = [size, MOST_BYTES].map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`);
    const way = `In a cell: widget.apply(lw.load(${JSON.stringify(name)})).`;
    throw new Error(`${name} has ${has}; a file of at most ${most} can be dropped. ${way}`);
  }
  const url = await new Promise((/** @type {(url: string) => void} */ done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => fail(new Error(`${name} cannot be read: is it a folder?`));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}
