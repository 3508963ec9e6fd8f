import { element, listen } from "../dom/element.js";
import { choose, led } from "./choice.js";
import { cellsOf, placeOf, within } from "./control.js";
import { createRow } from "./row.js";

/** Between cells, in CSS pixels. */
const GAP = 2;
/** Cells shrink no further than this to fit in. */
export const LEAST = 24;
/** Rows beyond those in sight that have elements too, so that scrolling finds them there. */
const BEYOND = 2;
/** A heading takes this many characters at most, and each of them about so many CSS pixels. */
const LETTERS = 16;
const LETTER = 7.5;

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {ReturnType<typeof import("./control.js").createControl>} Control */
/**
 * In CSS pixels.
 * @typedef {object} Sizes
 * @property {number} size how wide a cell is
 * @property {number} high how high
 * @property {number} across how far it is to the next one
 * @property {number} down how far to the one below
 * @property {number} head how wide the headings of rows are
 */

/**
 * The cells, in a box that scrolls. Only rows in sight, and a few beyond, have elements.
 * @param {Stage} stage
 * @param {Control} control
 * @param {object} on
 * @param {(index: number | null) => void} on.point at a cell, or at none
 * @param {(index: number) => void} on.open a cell was handed on
 * @param {AbortSignal} signal
 */
export function createSheet(stage, control, on, signal) {
  const { model } = stage;
  const rows = element("div", { class: "lw-rows" });
  const axes = element("div", { class: "lw-axes" });
  const heads = element("div", { class: "lw-heads", role: "row", "aria-rowindex": 1 });
  const sheet = element(
    "div",
    {
      class: "lw-sheet",
      role: "grid",
      "aria-label": "Cells",
      "aria-multiselectable": "true",
    },
    [heads, rows],
  );
  /** @type {Map<number, ReturnType<typeof createRow>>} those that have elements */
  const lines = new Map();
  const scratch = element("canvas");
  /** The cell that keys move from, and the one that a block begins with. */
  let focused = 0;
  let anchor = 0;
  /** Height of a cell by its width. */
  let aspect = stage.kind.pixels ? 1 : 2 / 3;
  /** Whether somebody chose the size of cells: then they are not made to fit in. */
  let chosen = false;
  let size = LEAST;
  /** How wide the headings of rows are. */
  let head = 0;
  /** @type {import("./control.js").Cells | undefined} */
  let built;
  let request = 0;
  /** @type {unknown[]} what the marks on the cells were made of */
  let marked = [];

  /** @returns {Sizes} */
  function measures() {
    const high = Math.round(size * aspect);
    return { size, high, across: size + GAP, down: high + GAP, head };
  }

  /** Give every cell its size, and the box its height. */
  function arrange() {
    const { rows: down, columns } = cellsOf(model);
    const { down: before } = measures();
    const first = Math.floor(sheet.scrollTop / before);
    const room = sheet.clientWidth - head;
    const fits = Math.max(LEAST, Math.floor(room / columns.count) - GAP);
    const wanted = model.get("cell_size");
    size = chosen || room <= 0 ? wanted : Math.min(wanted, fits);
    const sizes = measures();
    for (const [name, length] of Object.entries({ cell: size, high: sizes.high, head })) {
      sheet.style.setProperty(`--lw-${name}`, `${length}px`);
    }
    sheet.style.scrollPadding = `${heads.offsetHeight}px 0 0 ${head}px`;
    sheet.style.maxHeight = `${model.get("height")}px`;
    rows.style.height = `${down.count * sizes.down - GAP}px`;
    rows.style.width = `${head + columns.count * sizes.across - GAP}px`;
    // What memory gave up cannot be painted anew: it is wanted again.
    if ([...lines.values()].filter((line) => line.arrange(sizes)).length) stage.wantAgain();
    if (first > 0) sheet.scrollTop = first * sizes.down;
    look();
    stage.changed();
  }

  /** Begin anew: the cells are others. */
  function build() {
    built = cellsOf(model);
    const { rows: down, columns, count } = built;
    for (const row of lines.keys()) drop(row);
    const longest = Math.max(0, ...down.names.map((name) => name.length));
    head = longest && Math.ceil((Math.min(longest, LETTERS) + 1) * LETTER);
    focused = Math.min(focused, count - 1);
    anchor = focused;
    sheet.ariaRowCount = String(down.count + (columns.names.length ? 1 : 0));
    sheet.ariaColCount = String(columns.count);
    axes.textContent = [titled(down, "↑"), titled(columns, "→")].filter(Boolean).join("  ·  ");
    axes.hidden = !axes.textContent;
    heads.hidden = !columns.names.length;
    heads.replaceChildren(
      ...(head ? [element("span", { class: "lw-rowhead" })] : []),
      ...columns.names.map((name) =>
        element("span", { class: "lw-colhead", role: "columnheader", text: name, title: name }),
      ),
    );
    arrange();
  }

  /** Make the rows in sight, drop the others, and ask for what is missing. */
  function look() {
    const { down } = measures();
    const { rows: all } = cellsOf(model);
    const top = sheet.scrollTop - heads.offsetHeight;
    // Before it has been laid out, it will be as high as it may.
    const inSight = Math.ceil((sheet.clientHeight || model.get("height")) / down);
    const first = within(Math.floor(top / down), all.count - 1);
    const last = within(first + inSight, all.count - 1);
    const begin = Math.max(0, first - BEYOND);
    const end = within(last + BEYOND, all.count - 1);
    for (const row of lines.keys()) if (row < begin || row > end) drop(row);
    for (let row = begin; row <= end; row++) if (!lines.has(row)) add(row);
    const before = control.sights.get(sheet);
    control.sights.set(sheet, { first, last, near: inSight });
    if (before?.first !== first || before.last !== last) {
      // What memory gave up is wanted again where it comes back into sight; so is what failed.
      // The kernel leaves what was asked for before, and turns to what is in sight now.
      stage.wantOthers();
    }
    stage.fill();
    follow();
  }

  /** @param {() => void} act with the next repaint of the page, unless something is to be done then */
  function soon(act) {
    request ||= requestAnimationFrame(() => {
      request = 0;
      act();
    });
  }

  /** @param {number} row */
  function add(row) {
    const line = createRow(stage, row, row + (heads.hidden ? 1 : 2), scratch, fit);
    lines.set(row, line);
    rows.append(line.line);
    line.arrange(measures());
    marked = [];
  }

  /** @param {number} row */
  function drop(row) {
    lines.get(row)?.drop();
    lines.delete(row);
  }

  /**
   * Cells are as high as the pictures in them.
   * @param {import("../frames/kind.js").Opened} opened
   */
  function fit(opened) {
    if (!("width" in opened)) return;
    const ratio = opened.height / opened.width;
    if (ratio === aspect) return;
    aspect = ratio;
    cancelAnimationFrame(request);
    request = 0;
    soon(arrange);
  }

  /** Show what has changed since last time. */
  function follow() {
    for (const line of lines.values()) line.paint();
    const now = [focused, model.get("selection"), stage.at.join()];
    if (now.every((one, i) => one === marked[i])) return;
    marked = now;
    const here = stage.at.map(Math.round).join();
    const selection = new Set(model.get("selection"));
    for (const line of lines.values()) line.mark({ focused, selection, here });
  }

  /**
   * @param {number} index
   * @param {import("./choice.js").Keys} keys
   */
  function pick(index, keys) {
    select(choose(model.get("selection"), index, anchor, keys, cellsOf(model)));
    if (!keys.shiftKey) anchor = index;
    focus(index);
  }

  /** @param {number[]} selection */
  function select(selection) {
    model.set("selection", selection);
    model.set("selected", selection.at(-1) ?? null);
    model.save_changes();
    stage.changed();
  }

  /** @param {number} index */
  function focus(index) {
    focused = index;
    const [row] = placeOf(index, cellsOf(model));
    if (!lines.has(row)) add(row);
    const box = lines.get(row)?.box(index);
    box?.scrollIntoView({ block: "nearest", inline: "nearest" });
    look();
    box?.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  function indexOf(event) {
    const box = event.target instanceof Element ? event.target.closest(".lw-box") : null;
    return box instanceof HTMLElement ? Number(box.dataset.lwIndex) : null;
  }

  /** @param {Event & { buttons?: number }} event */
  function point(event) {
    if (!event.buttons) on.point(indexOf(event)); // else it is a drag
  }

  /** @param {(index: number, event: MouseEvent) => void} act */
  function onCell(act) {
    return (/** @type {MouseEvent} */ event) => {
      const index = indexOf(event);
      if (index !== null) act(index, event);
    };
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const { key } = event;
    const cells = cellsOf(model);
    const ctrl = event.ctrlKey || event.metaKey;
    if (event.altKey || event.defaultPrevented) return;
    const page = Math.max(1, Math.floor(sheet.clientHeight / measures().down) - 1);
    const target = led(focused, event, cells, page);
    if (target !== null) {
      // With Ctrl only the focus moves; a space adds the cell then.
      if (ctrl) focus(target);
      else pick(target, event);
    } else if (key === " ")
      pick(focused, { shiftKey: event.shiftKey, ctrlKey: true, metaKey: false });
    else if (key === "Enter") on.open(focused);
    else if (key === "Escape") select([]);
    else if (ctrl && key === "a") select(Array.from({ length: cells.count }, (_, i) => i));
    else return;
    event.preventDefault();
  }

  const leave = () => on.point(null);
  listen(
    sheet,
    {
      keydown: press,
      click: onCell(pick),
      dblclick: onCell(on.open),
      // Not over: cells that scroll by under a mouse at rest are not meant.
      pointermove: point,
      pointerleave: leave,
      focusin: point,
      focusout: leave,
      scroll: () => soon(look),
    },
    signal,
  );
  const sizes = new ResizeObserver(() => sheet.clientWidth && arrange()); // hidden, it has none
  sizes.observe(sheet);
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(request);
    sizes.disconnect();
    for (const row of lines.keys()) drop(row);
    control.sights.delete(sheet);
  });

  return {
    sheet,
    axes,
    rows,
    follow,
    /** The kernel may have set other cells, or another height. */
    followSettings() {
      if (cellsOf(model) === built) arrange();
      else build();
    },
    /** Somebody set the size of cells. */
    resize() {
      chosen = true;
      arrange();
    },
    measures,
  };
}

/**
 * What changes along the rows or columns, and which way; nothing where they have no names.
 * @param {import("./control.js").Axis} axis
 * @param {string} arrow
 */
function titled({ title, names }, arrow) {
  return title && names.length ? `${title} ${arrow}` : "";
}
