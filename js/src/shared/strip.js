/** A strip is decoded ahead only as finely as this much time allows. */
const MOST_MS = 30_000;
/** One question asks for about as much as can be decoded in this time. */
const PIECE_MS = 100;
const MOST_POSITIONS = 24;

/**
 * The positions worth having along a control from 0 to 1, and how coarse each is: level 0 is
 * wanted first, then every level halves the gaps that are left.
 * @param {number} length how many positions are wanted at most
 * @param {number[]} first positions that are shown all the time, such as a filmstrip's
 * @param {number} msPerFrame what a frame costs to decode
 * @returns {Map<number, number>} position to level
 */
export function stripLevels(length, first, msPerFrame) {
  const levels = new Map(first.map((t) => [t, 0]));
  const intervals = length - 1;
  const deepest = Math.ceil(Math.log2(Math.max(1, intervals)));
  for (let level = 0; level <= deepest; level++) {
    const step = 2 ** (deepest - level);
    const count = Math.ceil(intervals / step) + 1;
    if (level > 3 && count * msPerFrame > MOST_MS) break;
    for (let i = 0; i <= intervals; i += step) {
      if (!levels.has(i / intervals)) levels.set(i / intervals, level);
    }
    if (!levels.has(1)) levels.set(1, level);
  }
  return levels;
}

/**
 * What to ask for next: the coarse before the fine, and of these the nearest to the thumb.
 * @param {Map<number, number>} levels
 * @param {(t: number) => boolean} has whether a position is there already
 * @param {number} thumb
 * @param {number} msPerFrame
 * @returns {number[]} empty when the strip is complete
 */
export function nextPiece(levels, has, thumb, msPerFrame) {
  const missing = [...levels].filter(([t]) => !has(t));
  missing.sort(([s, a], [t, b]) => a - b || Math.abs(s - thumb) - Math.abs(t - thumb));
  const size = Math.max(1, Math.min(MOST_POSITIONS, Math.floor(PIECE_MS / msPerFrame)));
  return missing.slice(0, size).map(([t]) => t);
}
