import { describe, expect, it, vi } from "vitest";
import createCells, { runsOf } from "../../src/parts/cells.js";

/** A strip of cells, each 10 pixels wide; what is painted, and the runs that are written. */
function makeCells(count = 6, acting = [...Array(count).keys()]) {
  const onPaint = vi.fn();
  const { signal } = new AbortController();
  const layers = [...Array(count).keys()].map(String);
  const made = createCells({ name: "age", layers, acting, onPaint, signal });
  document.body.replaceChildren(made.root);
  const strip = /** @type {HTMLElement} */ (made.root.querySelector(".lw-cells"));
  strip.getBoundingClientRect = () => /** @type {DOMRect} */ ({ left: 0, width: 10 * count });
  const cells = /** @type {HTMLElement[]} */ ([...strip.children]);
  const runs = /** @type {HTMLButtonElement} */ (made.root.querySelector(".lw-runs"));
  /** @param {string} type @param {number} cell @param {number} [button] */
  function point(type, cell, button = 0) {
    strip.dispatchEvent(new MouseEvent(type, { clientX: 10 * cell + 5, button, bubbles: true }));
  }
  /** @param {string} key @param {boolean} [shiftKey] */
  function press(key, shiftKey = false) {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }),
    );
  }
  const checked = () => cells.map((cell) => cell.ariaChecked);
  return { ...made, cells, strip, runs, onPaint, point, press, checked };
}

const ON = "true";
const OFF = "false";

describe("createCells", () => {
  it("toggles a cell on a click, and tells what every layer has then", () => {
    const { point, onPaint, checked, runs } = makeCells();
    expect(runs.textContent).toBe("all");
    point("pointerdown", 2);
    point("pointerup", 2);
    expect(onPaint).toHaveBeenLastCalledWith([1, 1, 0, 1, 1, 1]);
    expect(checked()).toEqual([ON, ON, OFF, ON, ON, ON]);
    expect(runs.textContent).toBe("0–1, 3–5");
    point("pointerdown", 2);
    expect(onPaint).toHaveBeenLastCalledWith([1, 1, 1, 1, 1, 1]);
    point("pointerdown", 1, 2);
    expect(onPaint).toHaveBeenCalledTimes(2);
  });

  it("paints what a drag goes over, also where it is too fast to touch each", () => {
    const { show, point, onPaint } = makeCells();
    show([0, 0, 0, 0, 0, 0]);
    point("pointerdown", 1);
    point("pointermove", 4);
    expect(onPaint).toHaveBeenLastCalledWith([0, 1, 1, 1, 1, 0]);
    show([0, 1, 0, 0, 0, 0]); // the kernel is behind
    point("pointermove", 5);
    expect(onPaint).toHaveBeenLastCalledWith([0, 1, 1, 1, 1, 1]);
    point("pointerup", 5);
    point("pointermove", 0);
    expect(onPaint).toHaveBeenCalledTimes(3);
    show([0, 1, 0, 0, 0, 0]);
    point("pointerdown", 0);
    expect(onPaint).toHaveBeenLastCalledWith([1, 1, 0, 0, 0, 0]);
  });

  it("is one stop for the Tab key; arrows go on, Space toggles, with Shift they paint", () => {
    const { cells, press, onPaint, checked } = makeCells();
    expect(cells.filter((cell) => cell.tabIndex === 0)).toEqual([cells[0]]);
    cells[0].focus();
    press("ArrowRight");
    expect(document.activeElement).toBe(cells[1]);
    expect(cells.filter((cell) => cell.tabIndex === 0)).toEqual([cells[1]]);
    expect(onPaint).not.toHaveBeenCalled();
    press(" ");
    expect(checked()).toEqual([ON, OFF, ON, ON, ON, ON]);
    press("ArrowRight", true);
    press("ArrowRight", true);
    expect(onPaint).toHaveBeenLastCalledWith([1, 0, 0, 0, 1, 1]);
    press("End", true);
    expect(onPaint).toHaveBeenLastCalledWith([1, 0, 0, 0, 0, 0]);
    press("ArrowRight");
    expect(document.activeElement).toBe(cells[5]);
    press("Home");
    press("Enter");
    expect(onPaint).toHaveBeenLastCalledWith([0, 0, 0, 0, 0, 0]);
  });

  it("goes from all to none and back by the button", () => {
    const { runs, onPaint, show } = makeCells();
    runs.click();
    expect(onPaint).toHaveBeenLastCalledWith([0, 0, 0, 0, 0, 0]);
    expect(runs.textContent).toBe("none");
    show([0, 1, 0, 0, 0, 0]);
    expect(runs.title).toContain("1 of 6 layers");
    runs.click();
    expect(onPaint).toHaveBeenLastCalledWith([1, 1, 1, 1, 1, 1]);
  });

  it("leaves layers alone at which there is nothing to move", () => {
    const { cells, point, press, onPaint, runs } = makeCells(6, [1, 2, 4]);
    point("pointerdown", 0);
    expect(onPaint).not.toHaveBeenCalled();
    expect(cells[0].ariaDisabled ?? cells[0].getAttribute("aria-disabled")).toBe("true");
    cells[1].focus();
    press("ArrowRight");
    press("ArrowRight");
    expect(document.activeElement).toBe(cells[4]);
    press(" ");
    expect(onPaint).toHaveBeenLastCalledWith([1, 1, 1, 1, 0, 1]);
    expect(runs.textContent).toBe("1–2");
  });

  it("says what layers do, and how much of it is moved", () => {
    const { cells, show, root } = makeCells(3);
    show([1, 0.5, 0], { shares: [1, 0.25, 0], fresh: true });
    expect(cells[1].ariaChecked).toBe("mixed");
    expect(cells[1].title).toMatch(/0.5 of it: changes 25 % as much/);
    expect(cells[1].style.getPropertyValue("--lw-effect")).toBe("0.25");
    expect(root.classList).toContain("lw-known");
    show([1, 0.5, 0], { shares: [1, 0.25, 0], fresh: false });
    expect(root.classList).toContain("lw-old");
    expect(cells[1].title, "why it is dimmed").toContain("before the last change");
    show([1, 0.5, 0]);
    expect(root.classList).not.toContain("lw-known");
  });

  it("shows names as text where there are few, and none where there are many", () => {
    const options = { name: "age", onPaint: vi.fn(), signal: new AbortController().signal };
    const few = createCells({ ...options, layers: ["<b>low</b>", "high"], acting: [0, 1] });
    expect(few.root.querySelector("b")).toBeNull();
    expect(few.root.querySelector(".lw-layer")?.textContent).toBe("<b>low</b>");
    const { cells } = makeCells(18);
    expect(cells[3].textContent).toBe("");
    expect(cells[3].title).toBe("layer 3");
  });
});

describe("runsOf", () => {
  it("writes runs", () => {
    const numbers = ["0", "1", "2", "3", "4", "5", "6", "7"];
    expect(runsOf([0, 0, 0, 0, 1, 1, 1, 1], numbers)).toBe("4–7");
    expect(runsOf([1, 0, 0.5, 1], numbers)).toBe("0, 2–3");
    expect(runsOf([1, 0, 1, 1], ["low", "mid", "high", "rgb"])).toBe("low, high–rgb");
    expect(runsOf([1, 1], numbers)).toBe("all");
    expect(runsOf([0, 0], numbers)).toBe("none");
  });
});
