import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  coordinatesOf,
  nearestPlace,
  nextPlace,
  RecordedModel,
  valueLike,
} from "../../src/recorded/model.js";

/** @param {any} value @param {number[][]} places */
function model(value, places, state = {}) {
  return new RecordedModel({ value, _route: "recorded", ...state }, places);
}

describe("a recorded model", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    dispatchEvent(new Event("pointerup"));
    vi.useRealTimers();
  });

  it("goes to the nearest recorded place once nobody moves, and tells so", () => {
    const one = model(0, [[0], [0.5], [1]]);
    const told = vi.fn();
    one.on("change:value", told);
    one.set("value", 0.3);
    one.save_changes();
    vi.advanceTimersByTime(200);
    expect(one.get("value")).toBe(0.3);
    vi.advanceTimersByTime(100);
    expect(one.get("value")).toBe(0.5);
    expect(told).toHaveBeenCalledTimes(2);
  });

  it("goes on by a key that moves less than the way to the next place, and back", () => {
    const one = model(0.25, [[0], [0.25], [0.5]]);
    for (const [step, reached] of [
      [0.01, 0.5],
      [0.01, 0.5],
      [-0.01, 0.25],
      [-0.01, 0],
    ]) {
      one.set("value", one.get("value") + step);
      one.save_changes();
      vi.advanceTimersByTime(1000);
      expect(one.get("value")).toBe(reached);
    }
  });

  it("waits for a key that is pressed, whose value comes later", () => {
    const one = model(0, [[0], [0.25], [0.5]]);
    one.set("value", 0.01);
    one.save_changes();
    vi.advanceTimersByTime(200);
    dispatchEvent(new Event("keydown"));
    vi.advanceTimersByTime(100);
    expect(one.get("value")).toBe(0.01);
    one.set("value", 0.26);
    vi.advanceTimersByTime(1000);
    expect(one.get("value")).toBe(0.25);
  });

  it("goes to the place that is nearest to a number that is typed", () => {
    const one = model(0.5, [[0], [0.5], [1]]);
    const box = document.body.appendChild(document.createElement("input"));
    box.type = "number";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    one.set("value", 0.6);
    one.save_changes();
    vi.advanceTimersByTime(1000);
    box.remove();
    expect(one.get("value")).toBe(0.5);
  });

  it("goes on from a place that it has passed since it rested", () => {
    const one = model(0, [[0], [0.5], [1]]);
    one.set("value", 1);
    one.set("value", 0.99);
    one.save_changes();
    vi.advanceTimersByTime(1000);
    expect(one.get("value")).toBe(0.5);
  });

  it("keeps the amounts of directions that are called by numbers", () => {
    const rows = { _rows: [{ name: "3" }, { name: "1" }] };
    const one = model(
      { 3: 1.9, 1: 0 },
      [
        [0, 0],
        [2, 0],
        [0, 1],
        [2, 1],
      ],
      rows,
    );
    one.save_changes();
    dispatchEvent(new Event("pointerup"));
    vi.advanceTimersByTime(1000);
    expect(one.get("value")).toEqual({ 3: 2, 1: 0 });
  });

  it("stays under a pointer that holds it, and where it plays", () => {
    const one = model(0, [[0], [1]]);
    dispatchEvent(new Event("pointerdown"));
    one.set("value", 0.9);
    one.save_changes();
    vi.advanceTimersByTime(1000);
    expect(one.get("value")).toBe(0.9);
    dispatchEvent(new Event("pointerup"));
    vi.advanceTimersByTime(1000);
    expect(one.get("value")).toBe(1);
    one.set("playing", true);
    one.set("value", 0.4);
    one.save_changes();
    vi.advanceTimersByTime(1000);
    expect(one.get("value")).toBe(0.4);
  });

  it("tells nothing where a value stays, or who listens no more", () => {
    const one = model([0, 1], [[0, 1]]);
    const told = vi.fn();
    one.on("change:value", told);
    one.set("value", [0, 1]);
    expect(told).not.toHaveBeenCalled();
    one.off("change:value", told);
    one.set("value", [1, 1]);
    expect(told).not.toHaveBeenCalled();
  });

  it("says of a latent that there is no kernel, and of a picture that it has no other", () => {
    const one = model(0, [[0]]);
    const heard = vi.fn();
    one.on("msg:custom", heard);
    one.send({ type: "strip", client: "a", seq: 1, route: "recorded" });
    one.send({ type: "latent", client: "a", seq: 2, route: "recorded" });
    one.send({ type: "ask", client: "a", seq: 3, route: "recorded", at: [0.5] });
    vi.runAllTimers();
    expect(heard).toHaveBeenCalledTimes(2);
    expect(heard.mock.calls[0][0]).toMatchObject({ type: "error", of: "latent", seq: 2 });
    expect(heard.mock.calls[1][0]).toMatchObject({ type: "stale", of: "ask", seq: 3 });
  });

  it("hands on frames as a kernel would", () => {
    const one = model(0, [[0]]);
    const heard = vi.fn();
    one.on("msg:custom", heard);
    const frames = [{ at: [0], mime: "image/png", lossless: true, draft: 0 }];
    one.deliver(frames, [new DataView(new ArrayBuffer(1))]);
    expect(heard.mock.calls[0][0]).toMatchObject({ type: "frames", route: "recorded", frames });
  });
});

describe("places", () => {
  it("are near as far as places reach along each coordinate", () => {
    const places = [
      [0, 0],
      [0, 100],
      [1, 0],
      [1, 100],
    ];
    expect(nearestPlace(places, [0.6, 40])).toEqual([1, 0]);
    expect(nearestPlace([[2]], [7])).toEqual([2]);
    expect(nextPlace(places, [0, 0], [0.01, 0])).toEqual([1, 0]);
    expect(nextPlace(places, [1, 0], [1.01, 0])).toEqual([1, 0]);
  });

  it.each([
    [0.5, [0.5]],
    [
      [1, 2],
      [1, 2],
    ],
    [{ age: 1, smile: 2 }, [1, 2]],
  ])("are read of a value, and written to one like it: %j", (value, at) => {
    const names = Object.keys(value);
    expect(coordinatesOf(value, names)).toEqual(at);
    expect(valueLike(value, names, at)).toEqual(value);
  });
});
