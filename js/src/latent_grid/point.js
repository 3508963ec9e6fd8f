import { under } from "../controls/conditions.js";
import { keyed } from "../controls/slider.js";
import { element, listen } from "../dom/element.js";
import { cellsOf, within, words } from "./control.js";

/** A pointer that moves less than this is a click. */
const CLICK_PX = 4;
/** How far an arrow key moves the point, in cells. */
const STEP = 0.1;

/**
 * The point between the cells of a plane: dragged, or moved by arrow keys.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {import("./sheet.js").Sheet} sheet
 * @param {import("./cursor.js").Cursor} cursor
 * @param {() => void} onDrag
 * @param {AbortSignal} signal
 */
export function createPoint(stage, sheet, cursor, onDrag, signal) {
  const { model } = stage;
  const { box, rows } = sheet;
  const point = element("div", {
    class: "lw-point",
    role: "slider",
    tabindex: 0,
    title: "Drag it, or use arrow keys, to go between the cells",
    "aria-label": "Point",
    "aria-valuemin": 0,
  });
  /** @type {{ x: number, y: number, moved: boolean } | null} */
  let grip = null;

  /** @param {PointerEvent} event */
  function placeOf(event) {
    const { left, top } = rows.getBoundingClientRect();
    const { across, down, size, high, head } = sheet.sizes;
    const cells = cellsOf(model);
    return [
      within((event.clientY - top - high / 2) / down, cells.rows.count - 1),
      within((event.clientX - left - head - size / 2) / across, cells.columns.count - 1),
    ];
  }

  /** @param {PointerEvent} event */
  function take(event) {
    if (!cellsOf(model).continuous || event.button !== 0) return;
    const onPoint = event.target === point;
    const onCell = event.target instanceof Element && event.target.closest(".lw-box");
    if (onPoint || onCell) grip = { x: event.clientX, y: event.clientY, moved: onPoint };
  }

  /** @param {PointerEvent} event */
  function drag(event) {
    if (!grip) return;
    grip.moved ||= Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > CLICK_PX;
    if (!grip.moved) return;
    if (!box.hasPointerCapture(event.pointerId)) {
      box.setPointerCapture(event.pointerId);
      onDrag();
    }
    stage.move(under(stage, placeOf(event)));
  }

  function release() {
    if (grip?.moved) {
      // Keys go on from where the drag ended: they move the point, or the cells beside it.
      const [row, column] = stage.at;
      cursor.focus(Math.round(row) * cellsOf(model).columns.count + Math.round(column));
      point.focus({ preventScroll: true });
      stage.move(stage.at, { rest: true });
    }
    grip = null;
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const { rows: down, columns } = cellsOf(model);
    const [row, column] = stage.at;
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    const range = { low: 0, high: (vertical ? down : columns).count - 1, step: STEP };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const moved = keyed(event.key, event.shiftKey, vertical ? row : column, range);
    if (moved === null) return;
    event.preventDefault();
    // The key that adds to a value goes up, and rows are counted downwards.
    const flipped = within(2 * row - moved, down.count - 1);
    stage.move(under(stage, vertical ? [flipped, column] : [row, moved]), { rest: true });
  }

  /** Show where the point is. */
  function follow() {
    const cells = cellsOf(model);
    point.hidden = !cells.continuous;
    box.classList.toggle("lw-continuous", cells.continuous);
    const { across, down, size, high, head } = sheet.sizes;
    const [row, column] = stage.at;
    point.style.left = `${head + column * across + size / 2}px`;
    point.style.top = `${row * down + high / 2}px`;
    point.ariaValueMax = String(cells.columns.count - 1);
    point.ariaValueNow = String(column);
    point.ariaValueText = words(stage.at, cells);
  }

  listen(
    box,
    {
      pointerdown: take,
      pointermove: drag,
      pointerup: release,
      pointercancel: release,
      lostpointercapture: release,
    },
    signal,
  );
  point.addEventListener("keydown", press, { signal });
  // What a grid holds are rows of cells.
  const cell = element("div", { role: "gridcell" }, [point]);
  rows.append(element("div", { role: "row" }, [cell]));
  return { follow };
}
