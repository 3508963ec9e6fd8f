// @vitest-environment node
import { describe, expect, it } from "vitest";
import { conditionsAt, covers, latentsAt } from "../../src/decode_in_page/routes.js";
import recorded from "./routes.json";

/** What Python makes of the same plans: tests/unit/test_plans.py writes it down. */
const CASES = /** @type {any[]} */ (recorded).map(({ plan, ...rest }) => {
  const arrays = Object.entries(plan.arrays).map(([name, { shape, data }]) => {
    const numbers = data.map((/** @type {number | null} */ x) => x ?? Number.NaN); // JSON has none
    return [name, { shape, data: Float64Array.from(numbers) }];
  });
  /** @type {Case} */
  const one = { ...rest, plan: { ...plan, arrays: Object.fromEntries(arrays) } };
  return one;
});

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {import("../../src/decode_in_page/routes.js").Plan} plan
 * @property {number[][]} places
 * @property {number[][]} latents
 * @property {number[][]} [numberings] of grids whose cells have conditions of their own, as is what follows
 * @property {number[][]} [conditions]
 */

const UNDER = CASES.filter(({ numberings }) => numberings);

describe("routes in the page", () => {
  it.each(CASES)("$name leads where it does in Python", ({ plan, places, latents, numberings }) => {
    expect(places.length).toBeGreaterThan(3);
    for (const [i, at] of places.entries()) {
      const found = latentsAt(plan, conditionsAt(numberings ?? [], plan, at)[0]);
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
    const plan = { form: "edit", shown: 2, closed: false, arrays: {} };
    const found = conditionsAt(
      [
        [0, 1],
        [10, 5],
      ],
      plan,
      [0.25, 0.5, 0.75, 3],
    );
    expect(found).toEqual([[0.25, 0.5], Float32Array.from([0.75, 25, 0.75, 25])]);
    expect(conditionsAt([], plan, [0.25])).toEqual([[0.25], undefined]);
  });

  it.each(UNDER)("$name has the conditions that it has in Python", (one) => {
    const { plan, places, numberings = [], conditions = [] } = one;
    expect(UNDER).toHaveLength(8);
    for (const [i, at] of places.entries()) {
      const [own, numbers = []] = conditionsAt(numberings, plan, at);
      expect(own).toEqual(at.slice(0, plan.form === "cells" ? 2 : 1));
      const off = conditions[i].map((x, j) => Math.abs(x - numbers[j]));
      expect(Math.max(...off), `at ${at}`).toBeLessThan(1e-6);
    }
  });

  it("ends at the very anchors", () => {
    const { plan, latents } = CASES[0];
    expect([...latentsAt(plan, [0])]).toEqual(latents[0]);
  });
});
