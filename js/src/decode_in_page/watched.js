import { NOT_FINITE } from "./pictures.js";
import { unless } from "./unless.js";

/** How much the last picture counts for how long pictures take. */
export const NEWS = 0.3;
/** Above this a picture does not follow the thumb, and the kernel can be stopped halfway. */
export const LONGEST_MS = 100;
/** After so many pictures in a row that failed, or were too slow, the page gives up. */
const MOST = { failed: 3, slow: 10 };
/** Too slow is what takes so many times as long as it may: a computer may be busy for a while. */
const TOO_SLOW = 2;

/** @typedef {import("./worker.js").Done} Done */

/**
 * Decode, and watch how: it is given up where too many pictures in a row fail, or are too slow.
 * @param {(at: number[]) => Promise<Done>} decode makes the picture of a place
 * @param {{ pace: number, most: number, signal: AbortSignal, giveUp: (error: Error) => void }} terms
 */
export function watched(decode, { pace, most, signal, giveUp }) {
  /** How many pictures in a row failed, and were too slow. */
  const bad = { failed: 0, slow: 0 };

  /** @param {number[]} at */
  async function timed(at) {
    try {
      signal.throwIfAborted();
      const done = await unless(signal, decode(at));
      const { ms = 0 } = done;
      pace = (1 - NEWS) * pace + NEWS * ms;
      bad.failed = 0;
      bad.slow = ms > TOO_SLOW * most ? bad.slow + 1 : 0;
      if (bad.slow === MOST.slow) giveUp(slowness(ms, most));
      return done;
    } catch (error) {
      const why = /** @type {Error} */ (error);
      if (signal.aborted || why.message === NOT_FINITE) throw why; // elsewhere it may be finite
      bad.failed += 1;
      if (bad.failed === MOST.failed) giveUp(why);
      throw why;
    }
  }

  return {
    timed,
    /** How many milliseconds a picture takes. */
    pace: () => pace,
  };
}

/**
 * Why the kernel is to decode.
 * @param {number} ms that a picture takes
 * @param {number} most that it may take
 */
export function slowness(ms, most) {
  const [here, allowed] = [ms, most].map((one) => one.toFixed(0));
  const instead =
    most < LONGEST_MS
      ? `the kernel's is on the page in ${allowed} ms`
      : `the page takes over only where it takes ${allowed} ms at most`;
  return new Error(`a picture takes ${here} ms here; ${instead}.`);
}
