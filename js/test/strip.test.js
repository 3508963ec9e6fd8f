import { describe, expect, it } from "vitest";
import { nextPiece, stripLevels } from "../src/shared/strip.js";

describe("stripLevels", () => {
  it("has every position of the strip where time allows", () => {
    const levels = stripLevels(65, [], 5);
    expect([...levels.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 65 }, (_, i) => i / 64),
    );
  });

  it("goes from coarse to fine, each level halving the gaps", () => {
    const levels = stripLevels(9, [], 5);
    const order = [...levels].sort(([s, a], [t, b]) => a - b || s - t).map(([t]) => t);
    expect(order).toEqual([0, 1, 0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875]);
  });

  it("has both ends whatever the length", () => {
    for (const length of [2, 3, 10, 50, 66]) {
      const positions = [...stripLevels(length, [], 5).keys()];
      expect(positions).toContain(0);
      expect(positions).toContain(1);
      expect(positions).toHaveLength(length);
    }
  });

  it("puts what is shown all the time first", () => {
    const levels = stripLevels(65, [0, 1 / 6, 2 / 6], 5);
    expect(levels.get(1 / 6)).toBe(0);
    expect(levels.size).toBe(67);
  });

  it("stays coarse where a frame takes seconds", () => {
    const count = stripLevels(65, [], 2000).size;
    expect(count).toBeGreaterThanOrEqual(9);
    expect(count).toBeLessThan(20);
  });
});

describe("nextPiece", () => {
  const levels = stripLevels(65, [], 5);

  it("begins with the coarse, and of these with the nearest to the thumb", () => {
    const piece = nextPiece(levels, () => false, 0.9, 25);
    expect(piece).toEqual([1, 0, 0.5, 0.75]);
  });

  it("asks for no more than is missing, and for nothing when all is there", () => {
    expect(nextPiece(levels, (t) => t !== 0.25, 0, 5)).toEqual([0.25]);
    expect(nextPiece(levels, () => true, 0, 5)).toEqual([]);
  });

  it("asks a slow decoder for one frame at a time", () => {
    expect(nextPiece(levels, () => false, 0, 500)).toHaveLength(1);
  });
});
