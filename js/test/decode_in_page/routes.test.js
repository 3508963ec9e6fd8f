// @vitest-environment node
import { describe, expect, it } from "vitest";
import { conditionsAt, covers, latentsAt } from "../../src/decode_in_page/routes.js";
import recorded from "./routes.json";

/** What Python makes of the same plans: tests/unit/test_plans.py writes it down. */
const CASES = recorded.map(({ plan, ...rest }) => {
  const arrays = Object.entries(plan.arrays).map(([name, { shape, data }]) => {
    return [name, { shape, data: Float64Array.from(data) }];
  });
  return { ...rest, plan: { ...plan, arrays: Object.fromEntries(arrays) } };
});

describe("routes in the page", () => {
  it.each(CASES)("$name leads where it does in Python", ({ plan, places, latents }) => {
    expect(places.length).toBeGreaterThan(3);
    for (const [i, at] of places.entries()) {
      const found = latentsAt(plan, at);
      expect(found.length).toBe(latents[i].length);
      const off = latents[i].map((x, j) => Math.abs(x - found[j]) / Math.max(1, Math.abs(x)));
      expect(Math.max(...off), `at ${at}`).toBeLessThan(1e-6);
    }
  });

  it("have no latent that was set on a map, none between points without an inverse, and no row more", () => {
    const [map, still] = CASES.filter(({ plan }) => plan.form === "map").map(({ plan }) => plan);
    const rows = [-3, -2, -1, 0, 8, 9];
    const [x, y] = map.arrays.numbers.data;
    expect(rows.map((row) => covers(map, [row, x, y]))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(rows.map((row) => covers(still, [row, 0, 0]))).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(covers(CASES[0].plan, [-5])).toBe(true);
  });

  it("have nothing that lies further out than where the kernel has looked", () => {
    const [{ plan }] = CASES.filter(({ plan }) => plan.form === "map");
    const [x, y, half, reach] = plan.arrays.numbers.data;
    expect(reach).toBe(3);
    const near = [
      [x + 2.99 * half, y - 2.99 * half],
      [x - 2.99 * half, y],
    ];
    const far = [
      [x + 3.01 * half, y],
      [x, y - 3.01 * half],
    ];
    expect(near.map((at) => covers(plan, [-1, ...at]))).toEqual([true, true]);
    expect(far.map((at) => covers(plan, [-1, ...at]))).toEqual([false, false]);
    expect(covers(plan, [3, ...far[0]]), "a latent, wherever it lies").toBe(true);
  });

  it("take conditions off the end of coordinates, the numbers of each for every latent", () => {
    const found = conditionsAt(
      [
        [0, 1],
        [10, 5],
      ],
      2,
      [0.25, 0.5, 0.75, 3],
    );
    expect(found).toEqual([[0.25, 0.5], Float32Array.from([0.75, 25, 0.75, 25])]);
    expect(conditionsAt([], 2, [0.25])).toEqual([[0.25], undefined]);
  });

  it("ends at the very anchors", () => {
    const { plan, latents } = CASES[0];
    expect([...latentsAt(plan, [0])]).toEqual(latents[0]);
  });
});
