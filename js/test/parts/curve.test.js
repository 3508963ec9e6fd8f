import { describe, expect, it, vi } from "vitest";
import createCurve from "../../src/parts/curve.js";

/** @typedef {import("../../src/parts/curve.js").Curve} Curve */

const SCALE = { low: -2, high: 2 };

/** A curve from -2 to 4, with damage beyond 2. @returns {Curve} */
function measured() {
  const points = [-2, 0, 1, 4].map((at) => ({
    at,
    value: at / 4,
    low: at / 4 - 0.1,
    high: at / 4 + 0.1,
    chance: 0.05,
    damaged: at > 2,
    words: `at ${at}`,
  }));
  return { points, damage: [null, 2], cuts: true, doubt: "", words: "the whole", full: false };
}

function makeCurve() {
  const onFull = vi.fn();
  const made = createCurve({ onFull, signal: new AbortController().signal });
  document.body.replaceChildren(made.root);
  /** @param {string} selector */
  const one = (selector) => /** @type {HTMLElement} */ (made.root.querySelector(selector));
  one(".lw-measured").getBoundingClientRect = () =>
    /** @type {DOMRect} */ ({ left: 100, width: 400 });
  return { ...made, onFull, one };
}

describe("createCurve", () => {
  it("puts an amount where the thumb is for it, and draws what the slider reaches", () => {
    const { show, one, root } = makeCurve();
    show(measured(), SCALE, 1);
    expect(one(".lw-thumb-line").style.left).toBe("75%");
    const dots = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".lw-dot")]);
    expect(dots.map((dot) => dot.style.left)).toEqual(["0%", "50%", "75%"]);
    const line = one(".lw-effect").getAttribute("d");
    expect(line?.match(/[\d.]+ /g)?.map(Number)).toEqual([0, 500, 750, 1500]);
    show(measured(), { low: -2, high: 4 }, 1);
    expect(root.querySelectorAll(".lw-dot")).toHaveLength(4);
    expect(root.querySelectorAll(".lw-damaged")).toHaveLength(1);
  });

  it("marks where damage begins, at the end of the slider or within it", () => {
    const { show, one, onFull, root } = makeCurve();
    show(measured(), SCALE, 0);
    expect(one(".lw-upper").style.left).toBe("100%");
    expect(one(".lw-upper").textContent).toBe("damage from here →");
    expect(one(".lw-lower").hidden).toBe(true);
    expect(one("button").textContent).toBe("Full range");
    one("button").click();
    expect(onFull).toHaveBeenLastCalledWith(true);
    show({ ...measured(), full: true }, { low: -2, high: 6 }, 0);
    expect(one(".lw-upper").style.left).toBe("50%");
    expect(one("button").textContent).toBe("Up to damage");
    one("button").click();
    expect(onFull).toHaveBeenLastCalledWith(false);
    show({ ...measured(), damage: [-1, 1] }, SCALE, 0);
    expect(one(".lw-lower").textContent, "there is no room for more").toBe("← damage");
    show({ ...measured(), damage: [null, null], cuts: false }, SCALE, 0);
    expect(one("button").hidden).toBe(true);
    expect(one(".lw-upper").hidden).toBe(true);
    expect(root.classList.contains("lw-tight")).toBe(false);
    show({ ...measured(), damage: [0, 0], cuts: false }, SCALE, 0);
    expect(one("button").hidden, "the slider is not cut").toBe(true);
    expect(root.classList.contains("lw-tight"), "each on its own side").toBe(true);
    expect(one(".lw-lower").textContent + one(".lw-upper").textContent).toBe("");
    expect(one(".lw-numbers").textContent).toContain("Even the smallest amounts measured");
    expect(one(".lw-measured").ariaLabel).toContain("do damage: measure smaller ones. the whole");
    show(measured(), SCALE, 0);
    expect(one(".lw-numbers").textContent).not.toContain("Even");
  });

  it("says the numbers measured nearest to the thumb, or to the pointer", () => {
    const { show, one } = makeCurve();
    expect(show(measured(), SCALE, 0.6)).toBe("nearest: at 1");
    expect(one(".lw-numbers").textContent).toBe("nearest: at 1");
    one(".lw-measured").dispatchEvent(new MouseEvent("pointermove", { clientX: 110 }));
    expect(one(".lw-numbers").textContent).toBe("nearest: at -2");
    one(".lw-measured").dispatchEvent(new MouseEvent("pointerleave"));
    expect(one(".lw-numbers").textContent).toBe("nearest: at 1");
    expect(one(".lw-measured").ariaLabel).toBe("the whole");
    expect(show(measured(), SCALE, 1.0004), "as the box says 1").toBe("at 1");
  });

  it("is pale where it is doubted, and says why", () => {
    const { show, one, root } = makeCurve();
    const doubt = "Measured at layer 1, not at layer 2.";
    expect(show({ ...measured(), cuts: false, doubt }, SCALE, 0)).toBe(`⚠ ${doubt} at 0`);
    expect(root.classList).toContain("lw-doubted");
    expect(one(".lw-measured").ariaLabel).toContain(doubt);
    expect(one("button").hidden).toBe(true);
    show(measured(), SCALE, 0);
    expect(root.classList).not.toContain("lw-doubted");
  });

  it("leaves out what could not be read, and shows none where there is none", () => {
    const { show, root, one } = makeCurve();
    const points = measured().points.map((point) => ({
      ...point,
      ...(point.at === 0 ? { value: null, low: null, high: null, chance: null } : {}),
    }));
    show({ ...measured(), points }, SCALE, 0);
    expect(root.querySelectorAll(".lw-dot")).toHaveLength(2);
    expect(root.innerHTML).not.toContain("NaN");
    expect(one(".lw-extremes").textContent).not.toContain("NaN");
    expect(show(undefined, SCALE, 0)).toBe("");
    expect(root.hidden).toBe(true);
  });

  it("marks what is abrupt in place of dots, round a line of its own", () => {
    const { show, root, one } = makeCurve();
    const points = measured().points.map((point) => ({
      ...point,
      low: null,
      high: null,
      chance: 0,
    }));
    show({ ...measured(), points, base: 0.5, abrupt: [-1, 1] }, SCALE, 0);
    expect(root.querySelectorAll(".lw-dot")).toHaveLength(0);
    const marks = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".lw-abrupt")]);
    expect(marks.map((mark) => mark.style.left)).toEqual(["25%", "75%"]);
    const [height] =
      one(".lw-base")
        .getAttribute("d")
        ?.match(/ \d[\d.]+/g) ?? [];
    expect(Number(height), "above all that was measured, and within").toBeCloseTo(83.3);
    show(measured(), SCALE, 0);
    expect(root.querySelectorAll(".lw-abrupt")).toHaveLength(0);
  });
});
