/** From this many bytes a millisecond on, compressing a frame costs more than it saves. */
const FAST_BYTES_PER_MS = 20_000;
/** How many of the last messages are remembered. */
const REMEMBERED = 24;
/** Fewer messages than this tell nothing about the link. */
const FEWEST = 6;
/** Messages whose sizes differ by no more than this tell nothing either. */
const TELLING_BYTES = 50_000;

/**
 * Finds out whether the link from kernel to page is so fast that frames need not be compressed. The
 * two have different clocks, so how long one message took is not known; but on a fast link large
 * messages take hardly longer than small ones.
 */
export class Link {
  constructor() {
    /** @type {{ bytes: number, over: number }[]} the last messages; `over`: the milliseconds that each took, minus those allowed for its bytes */
    this.seen = [];
    /** Whether large messages take hardly longer than small ones. */
    this.fast = false;
  }

  /**
   * Take note of a message, and decide anew whether the link is fast. From the time that each
   * message took, subtract the time that a link of FAST_BYTES_PER_MS needs for its bytes. If the
   * smallest remainder belongs to a large message, the link is faster than that. Only the smallest
   * counts, as other messages may have waited for a busy machine.
   * @param {number} bytes
   * @param {number} ms from kernel to page, plus the unknown difference of their clocks
   */
  took(bytes, ms) {
    const over = ms - bytes / FAST_BYTES_PER_MS;
    this.seen = [...this.seen, { bytes, over }].slice(-REMEMBERED);
    const quickest = this.seen.reduce((a, b) => (b.over < a.over ? b : a));
    const least = Math.min(...this.seen.map((one) => one.bytes));
    this.fast = this.seen.length >= FEWEST && quickest.bytes - least > TELLING_BYTES;
  }
}
