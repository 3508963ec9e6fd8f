import { listen } from "../dom/element.js";
import { saveAll } from "../stage/save.js";
import { choose, led } from "./choice.js";
import { cellsOf } from "./control.js";

/**
 * Choose cells of a sheet by mouse and keys.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {import("./sheet.js").Sheet} sheet
 * @param {import("./cursor.js").Cursor} cursor
 * @param {object} on
 * @param {(index: number | null) => void} on.point the mouse or the focus is on a cell, or on none
 * @param {(index: number | null) => void} on.choose a cell was chosen, or none is any more
 * @param {(index: number) => void} on.open a cell was handed on
 * @param {AbortSignal} signal
 */
export function listenToPicks(stage, sheet, cursor, on, signal) {
  const { model } = stage;

  /** @param {number[]} selection */
  function select(selection) {
    saveAll(model, ["selection", "selected"], () => {
      model.set("selection", selection);
      model.set("selected", selection.at(-1) ?? null);
    });
    on.choose(selection.at(-1) ?? null);
    stage.changed();
  }

  /**
   * @param {number} index
   * @param {import("./choice.js").Keys} keys
   */
  function pick(index, keys) {
    select(choose(model.get("selection"), index, cursor.anchor, keys, cellsOf(model)));
    if (!keys.shiftKey) cursor.anchorAt(index);
    sheet.focus(index);
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
    const { key, shiftKey } = event;
    const cells = cellsOf(model);
    const { focused } = cursor;
    const ctrl = event.ctrlKey || event.metaKey;
    if (event.altKey || event.defaultPrevented) return;
    const target = led(focused, event, cells, sheet.page);
    if (target !== null) {
      // With Ctrl only the focus moves; a space adds the cell then.
      if (ctrl) sheet.focus(target);
      else pick(target, event);
    } else if (key === " ") pick(focused, { shiftKey, ctrlKey: true, metaKey: false });
    else if (key === "Enter") on.open(focused);
    else if (key === "Escape") select([]);
    else if (ctrl && key === "a") select(Array.from({ length: cells.count }, (_, i) => i));
    else return;
    event.preventDefault();
  }

  const leave = () => on.point(null);
  listen(
    sheet.box,
    {
      keydown: press,
      click: onCell(pick),
      dblclick: onCell(on.open),
      // Not pointerover: cells that scroll by under a mouse at rest are not meant.
      pointermove: point,
      pointerleave: leave,
      focusin: point,
      focusout: leave,
    },
    signal,
  );
}

/**
 * The cell that an event happened in.
 * @param {Event} event
 */
function indexOf({ target }) {
  const box = target instanceof Element ? target.closest(".lw-box") : null;
  return box instanceof HTMLElement ? Number(box.dataset.lwIndex) : null;
}
