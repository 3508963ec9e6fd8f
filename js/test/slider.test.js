import { describe, expect, it, vi } from "vitest";
import { bufferedGradient, createSlider, keyed } from "../src/shared/slider.js";

function makeSlider() {
  const onMove = vi.fn();
  const onSpace = vi.fn();
  const signal = new AbortController().signal;
  const slider = createSlider({ label: "t", initial: 0.25, onMove, onSpace, signal });
  slider.show(0.5);
  return { slider, onMove, onSpace };
}

describe("keyed", () => {
  it("knows arrows, Page, Home and End", () => {
    expect(keyed("ArrowRight", false, 0.5)).toBe(0.51);
    expect(keyed("ArrowLeft", true, 0.5)).toBe(0.499);
    expect(keyed("PageUp", false, 0.95)).toBe(1);
    expect(keyed("PageDown", false, 0.05)).toBe(0);
    expect(keyed("Home", false, 0.5)).toBe(0);
    expect(keyed("End", false, 0.5)).toBe(1);
    expect(keyed("a", false, 0.5)).toBeNull();
  });

  it("comes back to where it began", () => {
    let t = 0.333;
    for (let i = 0; i < 20; i++) t = keyed("ArrowRight", true, t) ?? Number.NaN;
    for (let i = 0; i < 20; i++) t = keyed("ArrowLeft", true, t) ?? Number.NaN;
    expect(t).toBe(0.333);
  });
});

describe("createSlider", () => {
  it("moves with keys and leaves other keys alone", () => {
    const { slider, onMove, onSpace } = makeSlider();
    const press = (/** @type {string} */ key) => {
      const event = new KeyboardEvent("keydown", { key, cancelable: true });
      slider.range.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(press("ArrowRight")).toBe(true);
    expect(onMove).toHaveBeenLastCalledWith(0.51, true);
    expect(press(" ")).toBe(true);
    expect(onSpace).toHaveBeenCalledOnce();
    expect(press("x")).toBe(false);
  });

  it("says the value in words", () => {
    const { slider } = makeSlider();
    expect(slider.range.getAttribute("aria-valuetext")).toBe("t = 0.500");
    expect(slider.number.value).toBe("0.500");
  });

  it("keeps a number that is typed within the range, and takes no notice of none", () => {
    const { slider, onMove } = makeSlider();
    slider.number.value = "7";
    slider.number.dispatchEvent(new Event("change"));
    expect(onMove).toHaveBeenLastCalledWith(1, true);
    onMove.mockClear();
    slider.number.value = "";
    slider.number.dispatchEvent(new Event("change"));
    expect(onMove).not.toHaveBeenCalled();
    expect(slider.number.value).toBe("1.000");
  });

  it("goes back to where it began on a double click", () => {
    const { slider, onMove } = makeSlider();
    slider.range.dispatchEvent(new MouseEvent("dblclick"));
    expect(onMove).toHaveBeenLastCalledWith(0.25, true);
  });

  it("goes to an anchor whose mark is clicked", () => {
    const { slider, onMove } = makeSlider();
    slider.setMarks([0, 0.5, 1]);
    slider.track.querySelectorAll("button")[1]?.click();
    expect(onMove).toHaveBeenLastCalledWith(0.5, true);
  });
});

describe("bufferedGradient", () => {
  it("joins stretches that touch and leaves gaps between others", () => {
    const gradient = bufferedGradient([0, 0.5, 0.25], 0.125);
    expect(gradient.match(/var\(--lw-buffered\) /g)).toHaveLength(2);
    expect(gradient).toContain("var(--lw-buffered) 62.5%");
    const two = bufferedGradient([0, 1], 0.1);
    expect(two).toContain("transparent 10%");
    expect(two).toContain("var(--lw-buffered) 90%");
  });

  it("is nothing where there are no frames", () => {
    expect(bufferedGradient([], 0.1)).toBe("none");
  });
});
