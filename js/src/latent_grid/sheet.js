import { element } from "../shared/dom.js";
import { choose, led } from "./choice.js";
import { cellsOf, placeOf, words } from "./control.js";

/** Between cells, in CSS pixels. */
const GAP = 2;
/** Cells shrink no further than this to fit in. */
const LEAST = 24;
/** Rows beyond those in sight that have elements too, so that scrolling finds them there. */
const BEYOND = 2;
/** A heading takes this many characters at most, and each of them about so many CSS pixels. */
const LETTERS = 16;
const LETTER = 7.5;

/** @typedef {import("../shared/stage.js").Stage} Stage */
/** @typedef {import("../shared/store.js").StoredFrame} StoredFrame */
/** @typedef {ReturnType<typeof import("./control.js").createControl>} Control */
/**
 * One cell on the page.
 * @typedef {object} Cell
 * @property {number} index
 * @property {HTMLElement} box
 * @property {HTMLElement} shown shows its frame
 * @property {StoredFrame | null} painted
 * @property {string} marked how it was marked last
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
  const rows = element("div", { class: "lw-rows", role: "presentation" });
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
  /** @type {Map<number, { line: HTMLElement, cells: Cell[], lifetime: AbortController }>} by row */
  const lines = new Map();
  /** The cell that keys move from, and the one that a block begins with. */
  let focused = 0;
  let anchor = 0;
  /** Height of a cell by its width. */
  let aspect = stage.kind.pixels ? 1 : 2 / 3;
  /** Whether somebody chose the size of cells: then they are not made to fit in. */
  let chosen = false;
  let size = LEAST;
  /** @type {import("./control.js").Cells | undefined} */
  let built;
  let request = 0;

  const pitch = () => ({ across: size + GAP, down: Math.round(size * aspect) + GAP });

  /** How wide the headings of rows are. */
  function headWidth() {
    const longest = Math.max(0, ...cellsOf(model).rows.names.map((name) => name.length));
    return longest && Math.ceil((Math.min(longest, LETTERS) + 1) * LETTER);
  }

  /** Give every cell its size, and the box its height. */
  function arrange() {
    const { rows: down, columns } = cellsOf(model);
    const first = Math.floor(sheet.scrollTop / pitch().down);
    const head = headWidth();
    const room = sheet.clientWidth - head;
    const fits = Math.max(LEAST, Math.floor(room / columns.count) - GAP);
    const wanted = model.get("cell_size");
    size = chosen || room <= 0 ? wanted : Math.min(wanted, fits);
    const { across, down: high } = pitch();
    sheet.style.setProperty("--lw-cell", `${size}px`);
    sheet.style.setProperty("--lw-high", `${high - GAP}px`);
    sheet.style.setProperty("--lw-head", `${head}px`);
    sheet.style.maxHeight = `${model.get("height")}px`;
    rows.style.height = `${down.count * high - GAP}px`;
    rows.style.width = `${head + columns.count * across - GAP}px`;
    for (const [row, { line }] of lines) line.style.top = `${row * high}px`;
    if (first > 0) sheet.scrollTop = first * high;
    look();
    stage.changed();
  }

  /** Begin anew: the cells are others. */
  function build() {
    built = cellsOf(model);
    const { rows: down, columns, count } = built;
    for (const row of lines.keys()) drop(row);
    focused = Math.min(focused, count - 1);
    anchor = focused;
    sheet.setAttribute("aria-rowcount", String(down.count + (columns.names.length ? 1 : 0)));
    sheet.setAttribute("aria-colcount", String(columns.count));
    axes.textContent = [titled(down, "↑"), titled(columns, "→")].filter(Boolean).join("  ·  ");
    axes.hidden = !axes.textContent;
    const corner = element("span", { class: "lw-rowhead" });
    heads.hidden = columns.names.length === 0;
    heads.replaceChildren(
      ...(headWidth() ? [corner] : []),
      ...columns.names.map((name) =>
        element("span", { class: "lw-colhead", role: "columnheader", text: name, title: name }),
      ),
    );
    arrange();
  }

  /** Make the rows in sight, drop the others, and ask for what is missing. */
  function look() {
    const { down } = pitch();
    const { rows: all } = cellsOf(model);
    const top = sheet.scrollTop - (heads.hidden ? 0 : heads.offsetHeight);
    const inSight = Math.ceil(sheet.clientHeight / down);
    const first = Math.min(all.count - 1, Math.max(0, Math.floor(top / down)));
    const last = Math.min(all.count - 1, first + inSight);
    for (const row of lines.keys()) {
      if (row < first - BEYOND || row > last + BEYOND) drop(row);
    }
    for (
      let row = Math.max(0, first - BEYOND);
      row <= Math.min(all.count - 1, last + BEYOND);
      row++
    ) {
      if (!lines.has(row)) add(row);
    }
    const before = control.sights.get(sheet);
    control.sights.set(sheet, { first, last, near: inSight });
    if (before?.first !== first || before.last !== last) {
      // What memory gave up is wanted again where it comes back into sight; so is what failed.
      stage.filler.forget();
      stage.filler.resume();
      if (!onTheirWay(first, last)) stage.filler.flight = null;
    }
    stage.fill();
    paint();
  }

  /**
   * Whether all cells in sight that are missing have been asked for.
   * @param {number} first
   * @param {number} last
   */
  function onTheirWay(first, last) {
    const asked = new Set(stage.filler.flight?.positions.map((at) => at.join()));
    const { columns, count } = cellsOf(model);
    for (let i = first * columns.count; i < Math.min(count, (last + 1) * columns.count); i++) {
      const at = placeOf(i, cellsOf(model));
      if (!stage.has(at) && !asked.has(at.join())) return false;
    }
    return true;
  }

  /** @param {number} row */
  function add(row) {
    const { columns, count, rows: all } = cellsOf(model);
    const start = row * columns.count;
    const lifetime = new AbortController();
    const made = Array.from({ length: Math.min(columns.count, count - start) }, (_, i) =>
      cell(start + i, i, lifetime.signal),
    );
    const name = all.names[row];
    const head = element("span", {
      class: "lw-rowhead",
      role: "rowheader",
      text: name,
      title: name,
    });
    const line = element(
      "div",
      { class: "lw-line", role: "row", "aria-rowindex": row + (heads.hidden ? 1 : 2) },
      [...(name === undefined ? [] : [head]), ...made.map(({ box }) => box)],
    );
    line.style.top = `${row * pitch().down}px`;
    lines.set(row, { line, cells: made, lifetime });
    rows.append(line);
    mark(made);
  }

  /** @param {number} row */
  function drop(row) {
    const gone = lines.get(row);
    gone?.lifetime.abort();
    gone?.line.remove();
    lines.delete(row);
  }

  /**
   * @param {number} index
   * @param {number} column
   * @param {AbortSignal} lifetime
   * @returns {Cell}
   */
  function cell(index, column, lifetime) {
    const label = words(placeOf(index, cellsOf(model)), cellsOf(model));
    const shown = stage.kind.create("lw-cell", lifetime, true);
    const box = element(
      "div",
      {
        class: "lw-box lw-blank",
        role: "gridcell",
        "aria-colindex": column + 1,
        "aria-label": label,
        "data-lw-index": index,
      },
      [shown],
    );
    return { index, box, shown, painted: null, marked: "" };
  }

  /** @returns {Cell[]} */
  const onPage = () => [...lines.values()].flatMap(({ cells }) => cells);

  /** Paint what has come. */
  function paint() {
    for (const cell of onPage()) {
      const at = placeOf(cell.index, cellsOf(model));
      const frame = stage.store.get(stage.line, at);
      if (!frame) cell.shown.dataset.lwExact = "false";
      if (!frame || frame === cell.painted) continue;
      if (frame.bitmap) draw(cell, frame, at);
      else stage.readied(frame);
    }
  }

  /**
   * @param {Cell} cell
   * @param {StoredFrame} frame
   * @param {number[]} at
   */
  function draw(cell, frame, at) {
    const { bitmap } = frame;
    const { box, shown } = cell;
    stage.kind.paint(shown, bitmap);
    shown.dataset.lwValue = JSON.stringify(at);
    shown.dataset.lwExact = String(frame.lossless);
    shown.dataset.lwSeq = String(frame.seq);
    box.classList.remove("lw-blank");
    cell.painted = frame;
    if (!bitmap || !("width" in bitmap)) return;
    const ratio = bitmap.height / bitmap.width;
    if (ratio === aspect) return;
    aspect = ratio;
    arrange();
  }

  /**
   * Show what is chosen, and where the keys are.
   * @param {Cell[]} cells
   */
  function mark(cells) {
    const selection = new Set(model.get("selection"));
    const special = new Set(cellsOf(model).marks.map(([row, column]) => `${row},${column}`));
    const here = stage.at.map(Math.round).join();
    for (const cell of cells) {
      const { index, box } = cell;
      const at = placeOf(index, cellsOf(model)).join();
      // Of thousands of cells hardly any changes, and telling the page costs more than looking.
      const marked = `${[index === focused, selection.has(index), at === here]}`;
      if (marked === cell.marked) continue;
      cell.marked = marked;
      box.tabIndex = index === focused ? 0 : -1;
      box.setAttribute("aria-selected", String(selection.has(index)));
      box.classList.toggle("lw-special", special.has(at));
      box.classList.toggle("lw-here", at === here);
    }
  }

  /** Show what has changed since last time. */
  function follow() {
    paint();
    mark(onPage());
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
    const { down } = pitch();
    const above = heads.hidden ? 0 : heads.offsetHeight;
    const top = row * down;
    if (top < sheet.scrollTop) sheet.scrollTop = top;
    const bottom = top + down + above - sheet.clientHeight;
    if (bottom > sheet.scrollTop) sheet.scrollTop = bottom;
    look();
    mark(onPage());
    const found = onPage().find((cell) => cell.index === index);
    found?.box.focus({ preventScroll: true });
    found?.box.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {Event} event */
  function indexOf(event) {
    const box = event.target instanceof Element ? event.target.closest(".lw-box") : null;
    return box instanceof HTMLElement ? Number(box.dataset.lwIndex) : null;
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const { key } = event;
    const cells = cellsOf(model);
    const ctrl = event.ctrlKey || event.metaKey;
    if (event.altKey || event.defaultPrevented) return;
    const page = Math.max(1, Math.floor(sheet.clientHeight / pitch().down) - 1);
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

  sheet.addEventListener("keydown", press, { signal });
  sheet.addEventListener(
    "click",
    (event) => {
      const index = indexOf(event);
      if (index !== null) pick(index, event);
    },
    { signal },
  );
  sheet.addEventListener(
    "dblclick",
    (event) => {
      const index = indexOf(event);
      if (index !== null) on.open(index);
    },
    { signal },
  );
  sheet.addEventListener(
    "pointermove", // and not over: cells that scroll by under a mouse at rest are not meant
    (event) => {
      if (!event.buttons) on.point(indexOf(event)); // else it is a drag
    },
    { signal },
  );
  sheet.addEventListener("pointerleave", () => on.point(null), { signal });
  sheet.addEventListener("focusin", (event) => on.point(indexOf(event)), { signal });
  sheet.addEventListener("focusout", () => on.point(null), { signal });
  sheet.addEventListener(
    "scroll",
    () => {
      request ||= requestAnimationFrame(() => {
        request = 0;
        look();
      });
    },
    { signal },
  );
  const sizes = new ResizeObserver(arrange);
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
    /** Where a cell lies in the sheet, and how far it is to the next, in CSS pixels. */
    measures: () => ({ ...pitch(), size, high: pitch().down - GAP, head: headWidth() }),
  };
}

/**
 * What changes along the rows or columns, and which way; nothing where they have no names.
 * @param {import("./control.js").Axis} axis
 * @param {string} arrow
 */
function titled({ title, names }, arrow) {
  return title && names.length > 0 ? `${title} ${arrow}` : "";
}
