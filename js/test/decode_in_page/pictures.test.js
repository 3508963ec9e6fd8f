// @vitest-environment node
import { describe, expect, it } from "vitest";
import { difference, pictureOf } from "../../src/decode_in_page/pictures.js";

const GREY = { stored: [2, 3, 1], first: false, origin: -1 / 510, scale: 255 };

describe("pictures in the page", () => {
  it("have the levels of their values, rounded and cut off", () => {
    const { pixels, width } = pictureOf(Float32Array.of(-1, 0, 0.5, 1, 2, 0.2), 1, GREY);
    expect(width).toBe(3);
    expect([...pixels].filter((_, i) => i % 4 === 0)).toEqual([0, 0, 128, 255, 255, 51]);
    expect([...pixels].filter((_, i) => i % 4 === 3)).toEqual(Array(6).fill(255));
    expect(pixels[8]).toBe(pixels[10]);
  });

  it("take channels first and last", () => {
    const reading = { origin: -1 / 2, scale: 1 };
    const last = pictureOf(Float32Array.of(1, 2, 3, 4, 5, 6), 1, {
      ...reading,
      stored: [1, 2, 3],
      first: false,
    });
    const first = pictureOf(Float32Array.of(1, 4, 2, 5, 3, 6), 1, {
      ...reading,
      stored: [3, 1, 2],
      first: true,
    });
    expect([...last.pixels]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
    expect([...first.pixels]).toEqual([...last.pixels]);
  });

  it("keep their opacity where outputs have one", () => {
    const rgba = { stored: [1, 1, 4], first: false, origin: -0.5, scale: 1 };
    expect([...pictureOf(Float32Array.of(9, 8, 7, 6), 1, rgba).pixels]).toEqual([9, 8, 7, 6]);
  });

  it("stand as tiles with grey between them, four side by side", () => {
    const one = { stored: [1, 1, 1], first: false, origin: -0.5, scale: 1 };
    const { pixels, width } = pictureOf(Float32Array.of(1, 2, 3, 4, 5), 5, one);
    expect(width).toBe(5); // three tiles in each of two rows
    const levels = [...pixels].filter((_, i) => i % 4 === 0);
    expect(levels).toEqual([1, 128, 2, 128, 3, ...Array(5).fill(128), 4, 128, 5, 128, 128]);
  });

  it("are not made of what is no number", () => {
    const values = Float32Array.of(0, 0, Number.NaN, 0, 0, 0);
    expect(() => pictureOf(values, 1, GREY)).toThrow("NaN");
  });

  it("are compared level by level", () => {
    expect(difference([1, 2, 3], [1, 4, 2])).toBe(2);
    expect(difference([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
  });
});
