import { describe, expect, it } from "vitest";
import { missing, nextPiece, StripFiller, stripLevels } from "../../src/stage/strip.js";

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

/** A strip of one coordinate. */
function strip(length = 65, thumb = 0) {
  const at = (/** @type {number} */ t) => [t];
  return { levels: stripLevels(length, [], 5), thumb, at };
}

describe("missing", () => {
  it("begins with the coarse, and of these with the nearest to the thumb", () => {
    const first = missing(strip(65, 0.9), () => false).slice(0, 4);
    expect(first).toEqual([[1], [0], [0.5], [0.75]]);
  });

  it("holds no more than is missing", () => {
    expect(missing(strip(), ([t]) => t !== 0.25)).toEqual([[0.25]]);
  });
});

describe("nextPiece", () => {
  it("is as much as can be decoded in a moment", () => {
    expect(nextPiece([strip()], () => false, 25)).toHaveLength(4);
    expect(nextPiece([strip()], () => false, 500)).toHaveLength(1);
    expect(nextPiece([strip()], () => true, 5)).toEqual([]);
  });

  it("takes from a strip only when those before it are complete", () => {
    const second = { ...strip(), at: (/** @type {number} */ t) => [0, t] };
    const piece = nextPiece([strip(), second], (at) => at.length === 1 && at[0] !== 0.5, 5);
    expect(piece[0]).toEqual([0.5]);
    expect(piece.slice(1)).toHaveLength(19);
    expect(piece[1]).toEqual([0, 0]);
  });
});

describe("StripFiller", () => {
  const nothing = () => false;
  const whole = (/** @type {number[][]} */ places) => places.map((at) => ({ at, draft: 0 }));

  /** A filler whose kernel answers at once, except where it cannot. */
  function run(/** @type {(t: number) => boolean} */ fails, length = 17, whole = false) {
    /** @type {Set<number>} */
    const there = new Set();
    /** @type {number[][][]} */
    const asked = [];
    const filler = new StripFiller((positions) => asked.push(positions));
    for (let i = 0; i < 300; i++) {
      const before = asked.length;
      filler.fill([strip(length)], ([t]) => there.has(t));
      const piece = asked.at(-1);
      if (asked.length === before || !piece) break;
      const bad = piece.findIndex(([t]) => fails(t));
      for (const [t] of bad < 0 ? piece : piece.slice(0, whole ? 0 : bad)) there.add(t);
      filler.answered(asked.length, bad < 0 ? "frames" : "error", 5, []);
    }
    return { there, asked, filler };
  }

  it("asks until the strip is whole, and then no more", () => {
    const { there, asked } = run(() => false);
    expect(there.size).toBe(17);
    expect(asked.flat()).toHaveLength(17);
  });

  it("goes round a position that cannot be decoded", () => {
    const { there } = run((t) => t === 0.5);
    expect(there.size).toBe(16);
  });

  it("finds it among many in few questions, though all asked with it fail", () => {
    const { there, asked, filler } = run((t) => t === 97 / 128, 129, true);
    expect(there.size).toBe(128);
    expect([...filler.broken.keys()]).toEqual([String(97 / 128)]);
    expect(asked.length).toBeLessThan(25);
  });

  it("tries once more what failed, when something else comes, and then leaves it", () => {
    for (const failures of [1, 5]) {
      let left = failures;
      /** @type {Set<number>} */
      const there = new Set();
      /** @type {number[][][]} */
      const asked = [];
      const filler = new StripFiller((positions) => asked.push(positions));
      for (let i = 0; i < 60; i++) {
        const before = asked.length;
        filler.fill([strip(9)], ([t]) => there.has(t));
        const piece = asked.at(-1);
        if (asked.length === before || !piece) break;
        const alone = piece.length === 1 && piece[0][0] === 0.5;
        const fails = piece.some(([t]) => t === 0.5) && left > 0;
        if (fails && alone) left -= 1;
        if (!fails) for (const [t] of piece) there.add(t);
        filler.answered(asked.length, fails ? "error" : "frames", 5, fails ? [] : whole(piece));
      }
      expect([there.size, filler.broken.size]).toEqual(failures === 1 ? [9, 0] : [8, 1]);
      expect(left).toBe(failures === 1 ? 0 : 3);
    }
  });

  it("waits for the person after a few errors in a row", () => {
    const { asked, filler } = run(() => true);
    expect(asked.length).toBeLessThan(6);
    const before = asked.length;
    filler.resume();
    filler.fill([strip(17)], nothing);
    expect(asked.length).toBe(before + 1);
  });

  it("keeps one piece in flight", () => {
    /** @type {number[][][]} */
    const asked = [];
    const filler = new StripFiller((positions) => asked.push(positions));
    filler.fill([strip()], nothing);
    filler.fill([strip()], nothing);
    expect(asked).toHaveLength(1);
    filler.answered(99, "frames", 5, []);
    filler.fill([strip()], nothing);
    expect(asked).toHaveLength(1);
  });

  it("waits for all parts of a long answer", () => {
    /** @type {number[][][]} */
    const asked = [];
    const filler = new StripFiller((positions) => asked.push(positions), undefined, {
      ms: 1000,
      most: 200,
    });
    filler.fill([strip(17)], nothing);
    expect(asked[0]).toHaveLength(17);
    filler.answered(1, "frames", 5, whole(asked[0].slice(0, 8)), true);
    filler.fill([strip(17)], nothing);
    expect(asked).toHaveLength(1);
    // The rest was dropped: it is asked for again.
    filler.answered(1, "frames", 5, [], false);
    filler.fill([strip(17)], nothing);
    expect(asked[1]).toHaveLength(9);
  });

  it("asks once for what does not fit into memory", () => {
    /** @type {number[][][]} */
    const asked = [];
    const filler = new StripFiller((positions) => asked.push(positions));
    for (let i = 0; i < 99; i++) {
      filler.fill([strip()], nothing);
      filler.answered(asked.length, "frames", 5, whole(asked.at(-1) ?? []));
    }
    expect(asked.flat()).toHaveLength(65);
    // Back where it was before, what memory gave up meanwhile is wanted again.
    filler.forget();
    filler.fill([strip()], nothing);
    expect(asked.flat().length).toBeGreaterThan(65);
  });

  it("asks anew when the strip is of something else, whatever is in flight", () => {
    /** @type {number[][][]} */
    const asked = [];
    const filler = new StripFiller((positions) => asked.push(positions));
    filler.fill([strip()], nothing);
    filler.reset();
    filler.fill([strip()], nothing);
    expect(asked).toHaveLength(2);
    filler.answered(1, "error", null, []);
    expect(filler.errors).toBe(0);
  });

  /** A filler whose kernel gives drafts first; `there` has what it gave. */
  function makeDrafting(length = 9) {
    /** @type {Map<number, number>} */
    const there = new Map();
    /** @type {{ positions: number[][], drafts: boolean }[]} */
    const asked = [];
    const filler = new StripFiller((positions, drafts) => asked.push({ positions, drafts }));
    const fill = (idle = true, strips = [strip(length)]) =>
      filler.fill(strips, ([t]) => there.has(t), idle ? ([t]) => there.get(t) === 0 : null);
    /** @param {number} draft */
    function answer(draft, ms = draft > 0 ? 100 : 2000) {
      const { positions } = asked[asked.length - 1];
      for (const [t] of positions) there.set(t, draft);
      const arrived = positions.map((at) => ({ at, draft }));
      filler.answered(asked.length, "frames", ms, arrived);
    }
    return { filler, there, asked, fill, answer };
  }

  it("has a strip of drafts first, and replaces them a few at a time while nothing is asked", () => {
    const { there, asked, fill, answer, filler } = makeDrafting();
    fill(false);
    while (asked.at(-1)?.drafts && there.size < 9) {
      answer(1);
      fill(false);
    }
    expect(there.size).toBe(9);
    expect(asked.every(({ drafts }) => drafts)).toBe(true);
    const before = asked.length;
    fill(false);
    expect(asked, "while a question waits").toHaveLength(before);
    for (let i = 0; i < 2; i++) {
      fill();
      answer(0);
    }
    fill();
    const exact = asked.slice(before);
    expect(exact.map(({ positions, drafts }) => [positions.length, drafts])).toEqual([
      [8, false],
      [1, false],
    ]);
    expect(exact[0].positions[0]).toEqual([0]);
    expect([filler.frameMs, filler.wholeMs]).toEqual([100, 2000]);
  });

  it("asks for no more than it has where there are no drafts", () => {
    const { asked, fill, answer } = makeDrafting();
    fill();
    answer(0, 5);
    fill();
    expect(asked).toHaveLength(1);
  });

  it("does not have what is missing wait for what only replaces a draft", () => {
    const { asked, fill, answer } = makeDrafting(2);
    fill();
    answer(1);
    fill();
    expect(asked.at(-1)?.drafts).toBe(false);
    fill();
    expect(asked).toHaveLength(2);
    fill(true, [strip(3)]);
    expect(asked.at(-1)).toEqual({ positions: [[0.5]], drafts: true });
  });

  it("asks again for what a question cut short, which came as a better draft", () => {
    const { asked, fill, answer, filler } = makeDrafting(2);
    fill();
    answer(1);
    fill();
    answer(7, 700);
    expect(filler.wholeMs, "it was not made to the end").toBe(150);
    fill();
    expect(asked.at(-1)).toEqual(asked.at(-2));
  });

  it("replaces drafts of the strip in hand before those of the others", () => {
    const { asked, fill, answer } = makeDrafting(2);
    const [inHand, other] = [strip(2), { ...strip(2), at: (/** @type {number} */ t) => [5 + t] }];
    fill(true, [inHand, other]);
    while (asked.at(-1)?.drafts) {
      answer(1);
      fill(true, [inHand, other]);
    }
    expect(asked.at(-1)).toEqual({ positions: [[0], [1], [5], [6]], drafts: false });
  });
});
