import { atEnd, element, listen, onResize } from "../dom/element.js";
import { cellsOf, headed, placeOf, within } from "./control.js";
import { createRow } from "./row.js";
import { fitting, headOf, LEAST, measure } from "./sizes.js";

/** Rows beyond those in sight that have elements too, so that scrolling finds them there. */
const BEYOND = 2;
/** How far the edges fade out beyond which there is more, in CSS pixels. */
const FADE = 20;

/** @typedef {ReturnType<typeof createRow>} Row */

/** The cells, in a box that scrolls. Only rows in sight, and a few beyond, have elements. */
export class Sheet {
  #stage;
  #control;
  #cursor;
  #heads = element("div", { class: "lw-heads", role: "row", "aria-rowindex": 1 });
  /** @type {Map<number, Row>} those that have elements */
  #lines = new Map();
  #scratch = element("canvas");
  /** Fades out the edges where there is more. */
  #edge = element("div", { class: "lw-edge", "aria-hidden": "true" });
  #size = LEAST;
  /** Height of a cell by its width. */
  #aspect;
  /** How wide the headings of rows are. */
  #head = 0;
  /** Whether somebody chose the size of cells: then they are not made to fit in. */
  #chosen = false;
  /** @type {import("./control.js").Cells | undefined} of which the sheet is made */
  #built;
  #request = 0;
  /** @type {unknown[]} what the marks on the cells were made of */
  #marked = [];

  /**
   * @param {import("../stage/stage.js").Stage} stage
   * @param {ReturnType<typeof import("./control.js").createControl>} control
   * @param {import("./cursor.js").Cursor} cursor
   * @param {AbortSignal} signal
   */
  constructor(stage, control, cursor, signal) {
    this.#stage = stage;
    this.#control = control;
    this.#cursor = cursor;
    this.#aspect = stage.kind.pixels ? 1 : 2 / 3;
    /** @readonly says what changes along rows and columns */
    this.axes = element("div", { class: "lw-axes" });
    /** @readonly what all rows stand in */
    this.rows = element("div", { class: "lw-rows" });
    /** @readonly what scrolls */
    this.box = element(
      "div",
      {
        class: "lw-sheet",
        role: "grid",
        "aria-label": "Cells",
        "aria-multiselectable": "true",
      },
      [this.#edge, this.#heads, this.rows],
    );
    listen(this.box, { scroll: () => this.#soon(() => this.#look()) }, signal);
    onResize(this.box, () => this.box.clientWidth && this.#arrange(), signal); // hidden, it has no width
    atEnd(signal, () => {
      cancelAnimationFrame(this.#request);
      for (const row of this.#lines.keys()) this.#drop(row);
      control.sights.delete(this.box);
    });
  }

  /** @returns {import("./sizes.js").Sizes} */
  get sizes() {
    return measure(cellsOf(this.#stage.model), this.#size, this.#aspect, this.#head);
  }

  /** How many rows a page is. */
  get page() {
    return Math.max(1, Math.floor(this.box.clientHeight / this.sizes.down) - 1);
  }

  /** The kernel may have set other cells, or another height. */
  followSettings() {
    if (cellsOf(this.#stage.model) === this.#built) this.#arrange();
    else this.#build();
  }

  /** Somebody set the size of cells. */
  resize() {
    this.#chosen = true;
    this.#arrange();
  }

  /** Show what has changed since last time. */
  follow() {
    for (const line of this.#lines.values()) line.paint();
    const { at, model } = this.#stage;
    const { focused } = this.#cursor;
    const now = [focused, model.get("selection"), at.join()];
    if (now.every((one, i) => one === this.#marked[i])) return;
    this.#marked = now;
    const here = at.slice(0, 2).map(Math.round).join();
    const selection = new Set(model.get("selection"));
    for (const line of this.#lines.values()) line.mark({ focused, selection, here });
  }

  /**
   * Give a cell the focus, and bring it into sight.
   * @param {number} index
   */
  focus(index) {
    this.#cursor.focus(index);
    const [row] = placeOf(index, cellsOf(this.#stage.model));
    if (!this.#lines.has(row)) this.#add(row);
    const box = this.#lines.get(row)?.box(index);
    box?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#look();
    box?.focus({ preventScroll: true });
  }

  /** Begin anew: the cells are others. */
  #build() {
    const cells = cellsOf(this.#stage.model);
    this.#built = cells;
    for (const row of this.#lines.keys()) this.#drop(row);
    this.#head = headOf(cells.rows.names);
    this.#cursor.restart(cells.count);
    this.#title(cells);
    this.#arrange();
  }

  /**
   * Write the headings.
   * @param {import("./control.js").Cells} cells
   */
  #title({ rows, columns, note }) {
    const { names } = columns;
    this.box.ariaRowCount = String(rows.count + (names.length ? 1 : 0));
    this.box.ariaColCount = String(columns.count);
    const said = [titled(rows, "↑"), titled(columns, "→"), note];
    this.axes.textContent = said.filter(Boolean).join("  ·  ");
    const along = [titled(rows, "down"), titled(columns, "across")].filter(Boolean).join(", ");
    this.box.ariaLabel = along ? `Cells: ${along}` : "Cells";
    this.axes.hidden = !this.axes.textContent;
    this.#heads.hidden = !names.length;
    this.#heads.replaceChildren(
      ...(this.#head ? [element("span", { class: "lw-rowhead" })] : []),
      ...names.map((name) =>
        element("span", {
          class: "lw-colhead",
          role: "columnheader",
          text: name,
          title: name,
          "aria-label": headed(columns, name),
        }),
      ),
    );
  }

  /** Give every cell its size, and the box its height. */
  #arrange() {
    const { box, rows } = this;
    const { model } = this.#stage;
    const first = Math.floor(box.scrollTop / this.sizes.down);
    const wanted = model.get("cell_size");
    const room = box.clientWidth - this.#head;
    this.#size = this.#chosen ? wanted : fitting(cellsOf(model), wanted, room);
    const sizes = this.sizes;
    const { size, high, said, head, width, height } = sizes;
    setLengths(box, { cell: size, high: high + said, head });
    box.style.scrollPadding = `${this.#heads.offsetHeight}px 0 0 ${head}px`;
    box.style.maxHeight = `${model.get("height")}px`;
    rows.style.height = `${height}px`;
    rows.style.width = `${width}px`;
    const painted = [...this.#lines.values()].filter((line) => line.arrange(sizes));
    // What memory gave up cannot be painted anew: it is wanted again.
    if (painted.length > 0) this.#stage.wantAgain();
    if (first > 0) box.scrollTop = first * sizes.down;
    this.#look();
    this.#stage.changed();
  }

  /** Make the rows in sight, drop the others, and ask for what is missing. */
  #look() {
    const sight = this.#sight();
    const { rows } = cellsOf(this.#stage.model);
    const begin = Math.max(0, sight.first - BEYOND);
    const end = within(sight.last + BEYOND, rows.count - 1);
    for (const row of this.#lines.keys()) if (row < begin || row > end) this.#drop(row);
    for (let row = begin; row <= end; row++) if (!this.#lines.has(row)) this.#add(row);
    const { sights } = this.#control;
    const before = sights.get(this.box);
    sights.set(this.box, sight);
    // The kernel leaves what was asked for before, and turns to what is in sight now. What memory
    // gave up is wanted again where it comes back into sight; so is what failed.
    if (before?.first !== sight.first || before.last !== sight.last) this.#stage.wantOthers();
    this.#stage.fill();
    this.#fade();
    this.follow();
  }

  #fade() {
    const { clientHeight, clientWidth, scrollHeight, scrollLeft, scrollTop, scrollWidth } =
      this.box;
    const below = scrollHeight - scrollTop - clientHeight;
    const beside = scrollWidth - scrollLeft - clientWidth;
    setLengths(this.#edge, { view: clientHeight, below: fading(below), beside: fading(beside) });
  }

  /**
   * Which rows are in sight.
   * @returns {import("./control.js").Sight}
   */
  #sight() {
    const { model } = this.#stage;
    const { rows } = cellsOf(model);
    const { down } = this.sizes;
    const top = this.box.scrollTop - this.#heads.offsetHeight;
    // Before it has been laid out, it will be as high as it may.
    const inSight = Math.ceil((this.box.clientHeight || model.get("height")) / down);
    const first = within(Math.floor(top / down), rows.count - 1);
    return { first, last: within(first + inSight, rows.count - 1), near: inSight };
  }

  /** @param {number} row */
  #add(row) {
    const position = row + (this.#heads.hidden ? 1 : 2);
    const line = createRow(this.#stage, row, position, this.#scratch, (opened) =>
      this.#fit(opened),
    );
    this.#lines.set(row, line);
    this.rows.append(line.line);
    line.arrange(this.sizes);
    this.#marked = [];
  }

  /** @param {number} row */
  #drop(row) {
    this.#lines.get(row)?.drop();
    this.#lines.delete(row);
  }

  /**
   * Cells are as high as the pictures in them.
   * @param {import("../frames/kind.js").Opened} opened
   */
  #fit(opened) {
    if (!("width" in opened)) return;
    const ratio = opened.height / opened.width;
    if (ratio === this.#aspect) return;
    this.#aspect = ratio;
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    this.#soon(() => this.#arrange());
  }

  /** @param {() => void} act with the next repaint of the page, unless something is to be done then */
  #soon(act) {
    this.#request ||= requestAnimationFrame(() => {
      this.#request = 0;
      act();
    });
  }
}

/** How far an edge fades out beyond which there is so much more. @param {number} more */
function fading(more) {
  return Math.min(FADE, Math.max(0, more - 1));
}

/** @param {HTMLElement} element @param {Record<string, number>} lengths in CSS pixels */
function setLengths({ style }, lengths) {
  for (const [name, length] of Object.entries(lengths)) {
    style.setProperty(`--lw-${name}`, `${length}px`);
  }
}

/**
 * What changes along the rows or columns, and which way; nothing where they have no names.
 * @param {import("./control.js").Axis} axis
 * @param {string} arrow
 */
function titled({ title, names }, arrow) {
  return title && names.length ? `${title} ${arrow}` : "";
}
