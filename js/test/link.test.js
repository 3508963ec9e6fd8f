import { expect, it } from "vitest";
import { Link } from "../src/shared/link.js";

/** Of a second kernel, whose clock is far from ours. */
const OFF = -12_345_678;

/**
 * A link over which some messages came.
 * @param {number} bytesPerMs
 * @param {{ sizes: number[], held?: number[] }} messages, and what held them up, in milliseconds
 */
function linkOf(bytesPerMs, { sizes, held = [] }) {
  const link = new Link();
  for (const [i, bytes] of sizes.entries()) {
    link.took(bytes, OFF + 3 + bytes / bytesPerMs + (held[i] ?? 0));
  }
  return link;
}

it.each([
  [200_000, true],
  [2_000, false],
])("judges a link of %d bytes a millisecond by messages of several sizes", (speed, fast) => {
  expect(linkOf(speed, { sizes: [70_000, 300_000, 16_000, 200_000] }).fast).toBe(fast);
});

it("is not misled by what a busy machine holds up", () => {
  const sizes = [70_000, 280_000, 70_000, 280_000, 70_000, 280_000];
  expect(linkOf(200_000, { sizes, held: [0, 90, 40, 0, 15, 30] }).fast).toBe(true);
  expect(linkOf(5_000, { sizes, held: [60, 0, 0, 10, 15, 30] }).fast).toBe(false);
});

it("learns nothing from messages of one size", () => {
  expect(linkOf(100, { sizes: [70_000] }).fast).toBe(false);
  expect(linkOf(100, { sizes: [70_000, 71_000, 69_000, 70_500] }).fast).toBe(false);
});

it("follows a link that has become slow", () => {
  const link = linkOf(200_000, { sizes: [70_000, 300_000] });
  for (let i = 0; i < 64; i++) link.took(i % 2 ? 300_000 : 70_000, OFF + (i % 2 ? 150 : 35));
  expect(link.fast).toBe(false);
});
