import { describe, expect, it, vi } from "vitest";
import {
  addSpot,
  bufferedGradient,
  createSlider,
  keyed,
  noSpots,
} from "../../src/controls/slider.js";
import { createMarks } from "../../src/interpolator/marks.js";

const UNIT = { low: 0, high: 1, step: 0.01 };

function makeSlider() {
  let value = 0.5;
  const onMove = vi.fn((/** @type {number} */ moved) => {
    value = moved;
  });
  const onKey = vi.fn((/** @type {string} */ key) => key === " ");
  const onRefuse = vi.fn();
  const slider = createSlider({
    label: "t",
    title: "Place",
    scale: UNIT,
    initial: () => 0.25,
    current: () => value,
    words: (value) => `t = ${value.toFixed(3)}`,
    digits: 3,
    onMove,
    onKey,
    onRefuse,
    signal: new AbortController().signal,
  });
  slider.show(value);
  const set = (/** @type {number} */ other) => {
    value = other;
  };
  return { slider, onMove, onKey, onRefuse, set };
}

describe("keyed", () => {
  it("knows arrows, Page, Home and End", () => {
    expect(keyed("ArrowRight", false, 0.5, UNIT)).toBe(0.51);
    expect(keyed("ArrowLeft", true, 0.5, UNIT)).toBe(0.499);
    expect(keyed("PageUp", false, 0.95, UNIT)).toBe(1);
    expect(keyed("PageDown", false, 0.05, UNIT)).toBe(0);
    expect(keyed("Home", false, 0.5, UNIT)).toBe(0);
    expect(keyed("End", false, 0.5, UNIT)).toBe(1);
    expect(keyed("Home", false, 0, { low: -3, high: 2.5, step: 0.1 })).toBe(-3);
    expect(keyed("PageUp", false, 0.5, { low: -3, high: 2.5, step: 0.1 })).toBe(1.5);
    expect(keyed("a", false, 0.5, UNIT)).toBeNull();
  });

  it("comes back to where it began", () => {
    let t = 0.333;
    for (let i = 0; i < 20; i++) t = keyed("ArrowRight", true, t, UNIT) ?? Number.NaN;
    for (let i = 0; i < 20; i++) t = keyed("ArrowLeft", true, t, UNIT) ?? Number.NaN;
    expect(t).toBe(0.333);
  });
});

describe("createSlider", () => {
  it("says to a screen reader what else is known of its value", () => {
    const { slider } = makeSlider();
    expect(slider.range.ariaValueText).toBe("t = 0.500");
    slider.remark = (value) => (value > 0.5 ? ". Rare" : "");
    slider.show(0.75);
    expect(slider.range.ariaValueText).toBe("t = 0.750. Rare");
    slider.show(0.25);
    expect(slider.range.ariaValueText).toBe("t = 0.250");
  });

  it("moves with keys and leaves other keys alone", () => {
    const { slider, onMove } = makeSlider();
    const press = (/** @type {string} */ key) => {
      const event = new KeyboardEvent("keydown", { key, cancelable: true });
      slider.range.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(press("ArrowRight")).toBe(true);
    expect(onMove).toHaveBeenLastCalledWith(0.51, true);
    expect(press(" ")).toBe(true);
    expect(press("x")).toBe(false);
  });

  it("counts from where it is, though it may not show that yet", () => {
    const { slider, onMove, set } = makeSlider();
    set(0.1);
    slider.range.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    expect(onMove).toHaveBeenLastCalledWith(0.11, true);
  });

  it("says the value in words", () => {
    const { slider } = makeSlider();
    expect(slider.range.getAttribute("aria-valuetext")).toBe("t = 0.500");
    expect(slider.number.value).toBe("0.500");
  });

  /** @param {ReturnType<typeof makeSlider>["slider"]} slider @param {string} text */
  function type(slider, text) {
    slider.number.value = text;
    slider.number.dispatchEvent(new Event("change"));
  }

  it("moves to a number that is typed, and takes no notice of none", () => {
    const { slider, onMove, onRefuse } = makeSlider();
    type(slider, "0.75");
    expect(onMove).toHaveBeenLastCalledWith(0.75, true);
    onMove.mockClear();
    type(slider, "");
    expect(onMove).not.toHaveBeenCalled();
    expect(onRefuse).not.toHaveBeenCalled();
    expect(slider.number.value).toBe("0.750");
  });

  it("refuses a number beyond its ends in words, until it is moved again", () => {
    const { slider, onMove, onRefuse } = makeSlider();
    type(slider, "7");
    expect(onMove).not.toHaveBeenCalled();
    expect(onRefuse).toHaveBeenLastCalledWith("t goes from 0 to 1, not to 7.");
    expect(slider.number.ariaInvalid).toBe("true");
    expect(slider.number.value).toBe("0.500");
    type(slider, "0.25");
    expect(onMove).toHaveBeenLastCalledWith(0.25, true);
    expect(onRefuse).toHaveBeenLastCalledWith("");
    expect(slider.number.ariaInvalid).toBe("false");
  });

  it("takes back with Escape what was typed, and what was said of it", () => {
    const { slider, onMove, onRefuse } = makeSlider();
    slider.number.value = "0.7";
    slider.number.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(slider.number.value).toBe("0.500");
    expect(onMove).not.toHaveBeenCalled();
    expect(onRefuse).not.toHaveBeenCalled();
    type(slider, "7");
    slider.number.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(onRefuse).toHaveBeenLastCalledWith("");
  });

  it("has room for the longest number", () => {
    const { slider } = makeSlider();
    expect(slider.number.style.minWidth).toBe("");
    slider.setScale({ low: 0, high: 1e6, step: 1 });
    expect(slider.number.style.minWidth).toBe("calc(11ch + 32px)");
  });

  it("takes an end as the box rounds it", () => {
    const { slider, onMove, onRefuse } = makeSlider();
    slider.setScale({ low: 0, high: 0.98765, step: 0.01 });
    type(slider, "0.988");
    expect(onMove).toHaveBeenLastCalledWith(0.98765, true);
    expect(onRefuse).not.toHaveBeenCalled();
  });

  it("goes back to where it began on a double click", () => {
    const { slider, onMove } = makeSlider();
    slider.range.dispatchEvent(new MouseEvent("dblclick"));
    expect(onMove).toHaveBeenLastCalledWith(0.25, true);
  });

  it("counts the arrows of its number box from zero, not from the least", () => {
    const { slider } = makeSlider();
    slider.setScale({ low: -2.8173, high: 2.9, step: 0.1 });
    expect(slider.number.min).toBe("");
    expect(slider.range.min).toBe("-2.8173");
  });

  it("keeps within another range when it gets one", () => {
    const { slider, onMove, onRefuse } = makeSlider();
    slider.setScale({ low: -3, high: 3, step: 0.1 });
    slider.show(-2);
    expect(slider.range.valueAsNumber).toBe(-2);
    type(slider, "-9");
    expect(onRefuse).toHaveBeenLastCalledWith("t goes from -3 to 3, not to -9.");
    type(slider, "-2.5");
    expect(onMove).toHaveBeenLastCalledWith(-2.5, true);
  });
});

describe("createMarks", () => {
  it("goes to an anchor whose mark is clicked", () => {
    const onPick = vi.fn();
    const { marks, setMarks } = createMarks(onPick, new AbortController().signal);
    setMarks([0, 0.5, 1], []);
    marks.querySelectorAll("button")[1]?.click();
    expect(onPick).toHaveBeenLastCalledWith(0.5);
  });
});

describe("the bar under a slider", () => {
  it("tells finished frames and drafts apart, and says how", () => {
    const { slider } = makeSlider();
    const [drafted, buffer] = /** @type {HTMLElement[]} */ ([...slider.track.children]);
    slider.setBuffer({ whole: [0, 0.5], drafts: [] }, 0.1);
    expect(buffer.dataset).toMatchObject({ lwFrames: "2", lwDrafts: "0" });
    expect(slider.track.title).toBe("Place: drag, or arrow keys; double-click goes back");
    expect(drafted.style.backgroundImage).toBe("");
    slider.setBuffer({ whole: [0.5], drafts: [0, 1] }, 0.1);
    expect(buffer.dataset).toMatchObject({ lwFrames: "3", lwDrafts: "2" });
    expect(buffer.style.backgroundImage).toContain("var(--lw-buffered) 40%");
    expect(drafted.style.backgroundImage).toContain("var(--lw-drafted) 90%");
    expect(slider.track.title).toContain("dotted one where they are drafts");
    slider.setBuffer({ whole: [0, 0.5, 1], drafts: [] }, 0.1);
    expect(slider.track.title).toBe("Place: drag, or arrow keys; double-click goes back");
    expect(drafted.style.backgroundImage).toBe("none");
  });

  it("has spots of both kinds", () => {
    const spots = noSpots();
    addSpot(spots, 0.25, { draft: 0, strip: false });
    addSpot(spots, 0.75, { draft: 3, strip: true });
    addSpot(spots, 0.5, { draft: 3, strip: false });
    expect(spots).toEqual({ whole: [0.25], drafts: [0.75] });
  });
});

describe("bufferedGradient", () => {
  const FULL = "var(--lw-buffered)";

  it("joins stretches that touch and leaves gaps between others", () => {
    const gradient = bufferedGradient([0, 0.5, 0.25], 0.125, FULL);
    expect(gradient.match(/var\(--lw-buffered\) /g)).toHaveLength(2);
    expect(gradient).toContain("var(--lw-buffered) 62.5%");
    const two = bufferedGradient([0, 1], 0.1, FULL);
    expect(two).toContain("transparent 10%");
    expect(two).toContain("var(--lw-buffered) 90%");
  });

  it("is nothing where there are no frames", () => {
    expect(bufferedGradient([], 0.1, FULL)).toBe("none");
  });
});
