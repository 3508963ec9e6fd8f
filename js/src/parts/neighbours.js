import { askWhileIdle, stateOf } from "../controls/idle.js";
import { atEnd, element } from "../dom/element.js";
import { sourceOf } from "../frames/pixels.js";

/** How long to wait until the widget has gone to one of them. */
const GO_MS = 20_000;

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../stage/replies.js").NeighboursAnswer} Answer */

/**
 * The latents of the data that are nearest to the current one, in a row. They are asked for while
 * the row is open, once nobody moves.
 * @param {Stage} stage
 * @param {AbortSignal} signal
 */
export default function createNeighbours(stage, signal) {
  const { kind } = stage;
  const row = element("div", { class: "lw-near", role: "list", "aria-label": "Nearest data" });
  const note = element("div", { class: "lw-chance" });
  const root = element("div", { class: "lw-neighbours", hidden: true }, [row, note]);
  // Each view asks for itself: a question replaces that of the same name which waits.
  const suffix = `-near-${Math.random().toString(36).slice(2, 8)}`;
  let state = "";
  /** Each row has pictures of its own, which end with it. */
  let life = new AbortController();
  atEnd(signal, () => life.abort());

  function next() {
    return root.hidden || state === stateOf(stage) ? undefined : ask;
  }

  async function ask() {
    const now = stateOf(stage);
    try {
      const answer = await stage.mailbox.inquire("neighbours", stage, { suffix });
      if (answer) await show(answer);
      if (answer) state = now;
    } catch (error) {
      state = now;
      life.abort();
      row.replaceChildren();
      note.textContent = `The nearest data are not known: ${/** @type {Error} */ (error).message}`;
    }
  }

  /** @param {Answer & { buffers: DataView<ArrayBuffer>[] }} answer */
  async function show({ neighbours, chance, searched, goes, buffers }) {
    const own = new AbortController();
    const made = await Promise.allSettled(
      neighbours.map((one, i) => createCell(one, goes, buffers[i], own.signal)),
    );
    const failed = made.find((one) => one.status === "rejected");
    if (failed) {
      own.abort(); // the pictures that could be opened are let go
      throw failed.reason;
    }
    const cells = made.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    life.abort();
    if (signal.aborted) own.abort();
    life = own;
    const focused = [...row.children].findIndex((one) => one.contains(document.activeElement));
    row.replaceChildren(...cells);
    cells[focused]?.querySelector("button")?.focus();
    const all = searched.toLocaleString("en");
    note.textContent =
      searched > 0 ? `Distance; one of all ${all} at random: ${digits(chance)}.` : "No data.";
    note.title = "The median distance to all of the data: a neighbour as far away is none.";
  }

  /**
   * @param {import("../stage/replies.js").Neighbour} one
   * @param {boolean} goes
   * @param {DataView<ArrayBuffer>} data of its picture
   * @param {AbortSignal} signal
   */
  async function createCell(one, goes, data, signal) {
    const name = [`latent ${one.row}`, one.whole].filter(Boolean).join(", ");
    const what = `${name}, distance ${digits(one.distance)}`;
    const parts = [];
    if (one.mime) {
      const picture = kind.create("lw-cell", signal, true);
      const opened = await kind.open(sourceOf(data, one.mime));
      atEnd(signal, () => opened.close?.());
      kind.paint(picture, opened);
      parts.push(picture);
    }
    const label = element("span", { class: "lw-label", text: one.label || `#${one.row}` });
    parts.push(label, element("span", { text: digits(one.distance) }));
    const title = goes ? `Go to ${what}` : what;
    const cell = goes
      ? element("button", { type: "button", title, "aria-label": title }, parts)
      : element("div", { title }, parts);
    cell.classList.add("lw-neighbour");
    cell.dataset.lwRow = String(one.row);
    if (goes) cell.addEventListener("click", () => go(one.row), { signal });
    return element("div", { role: "listitem" }, [cell]);
  }

  /** @param {number} number of one of the data */
  async function go(number) {
    try {
      await stage.mailbox.inquire("visit", stage, { row: number, ms: GO_MS });
    } catch (error) {
      stage.fail(/** @type {Error} */ (error).message);
    }
  }

  /** Open or close it. @returns {boolean} whether it is open now */
  function toggle() {
    root.hidden = !root.hidden;
    stage.changed();
    return !root.hidden;
  }

  stage.listen(() => root.classList.toggle("lw-old", state !== stateOf(stage)), signal);
  askWhileIdle(stage, next, signal);
  return { root, toggle };
}

/** @param {number} distance */
function digits(distance) {
  return String(Number(distance.toPrecision(3)));
}
