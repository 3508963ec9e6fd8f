import { describe, expect, it } from "vitest";
import { advance } from "../../src/controls/player.js";

const how = { segments: 1, speed: 1, loop: true, closed: false };
const start = { t: 0, forward: true, done: false };

describe("advance", () => {
  it("passes two anchors in two seconds at speed 1", () => {
    expect(advance(start, 1000, how).t).toBeCloseTo(0.5);
    expect(advance(start, 1000, { ...how, speed: 2 }).t).toBeCloseTo(1);
    expect(advance(start, 1000, { ...how, segments: 4 }).t).toBeCloseTo(0.125);
  });

  it("goes there and back on an open path, with no jump at the ends", () => {
    let place = start;
    for (let i = 0; i < 1000; i++) {
      const next = advance(place, 16, how);
      expect(Math.abs(next.t - place.t)).toBeLessThanOrEqual(0.0081);
      expect(next.t).toBeGreaterThanOrEqual(0);
      expect(next.t).toBeLessThanOrEqual(1);
      place = next;
    }
  });

  it("turns round at both ends", () => {
    expect(advance({ ...start, t: 0.9 }, 400, how)).toMatchObject({ forward: false });
    const back = advance({ t: 0.1, forward: false, done: false }, 400, how);
    expect(back.forward).toBe(true);
    expect(back.t).toBeCloseTo(0.1);
  });

  it("goes round and round on a closed path", () => {
    const place = advance({ ...start, t: 0.9 }, 400, { ...how, closed: true });
    expect(place).toMatchObject({ forward: true, done: false });
    expect(place.t).toBeCloseTo(0.1);
  });

  it("stops at the end where it does not loop", () => {
    const place = advance({ ...start, t: 0.9 }, 400, { ...how, loop: false });
    expect(place).toEqual({ t: 1, forward: true, done: true });
  });
});
