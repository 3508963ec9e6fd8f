import { expect, it } from "vitest";
import { Link } from "../../src/stage/link.js";

/** The kernel's clock is far from ours. */
const OFF = -12_345_678;
const SIZES = [70_000, 300_000, 16_000, 200_000, 70_000, 280_000];

/**
 * Messages come over a link.
 * @param {Link} link
 * @param {number} bytesPerMs
 * @param {number[]} sizes
 * @param {number[]} [held] what holds them up on the way, in milliseconds
 */
function send(link, bytesPerMs, sizes, held = []) {
  for (const [i, bytes] of sizes.entries()) {
    link.took(bytes, OFF + 3 + bytes / bytesPerMs + (held[i] ?? 0));
  }
  return link;
}

it.each([
  [200_000, true],
  [2_000, false],
])("judges a link of %d bytes a millisecond by messages of several sizes", (speed, fast) => {
  expect(send(new Link(), speed, SIZES).fast).toBe(fast);
});

it("is not misled by what a busy machine holds up", () => {
  expect(send(new Link(), 200_000, SIZES, [0, 90, 40, 0, 15, 30]).fast).toBe(true);
  expect(send(new Link(), 5_000, SIZES, [60, 0, 0, 10, 15, 30]).fast).toBe(false);
  const first = [960_000, ...SIZES];
  expect(send(new Link(), 200_000, first, [800]).fast).toBe(true);
});

it("does not judge by one pair, of which the small one was held up", () => {
  expect(send(new Link(), 2_000, [300_000, 80_000, 262_000], [0, 120]).fast).toBe(false);
});

it("knows again by the first of another size", () => {
  const bare = Array.from({ length: 24 }, () => 1_000_000);
  const link = send(new Link(), 200_000, bare);
  expect(link.fast).toBe(false);
  expect(send(link, 200_000, [300_000]).fast).toBe(true);
});

it("learns nothing from messages of one size, and forgets what it knew", () => {
  const same = Array.from({ length: 24 }, (_, i) => 70_000 + 100 * (i % 3));
  expect(send(new Link(), 200_000, same).fast).toBe(false);
  expect(send(send(new Link(), 200_000, SIZES), 2_000, same).fast).toBe(false);
});

it("follows a link that becomes slow, and fast again", () => {
  const link = send(new Link(), 200_000, SIZES);
  expect(link.fast).toBe(true);
  for (let i = 0; i < 5; i++) send(link, 2_000, SIZES);
  expect(link.fast).toBe(false);
  for (let i = 0; i < 5; i++) send(link, 200_000, SIZES);
  expect(link.fast).toBe(true);
});
