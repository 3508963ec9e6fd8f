/** From this many bytes a millisecond on, compressing a frame costs more than it saves. */
const FAST_BYTES_PER_MS = 20_000;
/** How many of the last messages are remembered. */
const REMEMBERED = 24;
/** Fewer messages than this tell nothing about the link. */
const FEWEST = 6;
/** Nor do messages of about one size, whose sizes differ by no more than this. */
const TELLING_BYTES = 50_000;

/**
 * Finds out whether the link from kernel to page is so fast that frames need not be compressed. The
 * two have different clocks, so how long one message took is not known; but on a fast link large
 * messages take hardly longer than small ones.
 */
export class Link {
  constructor() {
    /** @type {{ bytes: number, over: number }[]} the last messages, and how much too long each took */
    this.seen = [];
    /** Whether large messages take hardly longer than small ones. */
    this.fast = false;
  }

  /**
   * A message came. Every message is allowed a time that grows with its bytes, as on a link that is
   * just fast enough. Of the last messages the one that stayed furthest below its allowance is
   * looked at; the others may have waited for a busy machine. On a fast link it is a large one,
   * which takes hardly longer than a small one and is allowed more.
   * @param {number} bytes
   * @param {number} ms from kernel to page, by the clocks of both: only differences count
   */
  took(bytes, ms) {
    // How much longer it took than on a link that is just fast enough.
    const over = ms - bytes / FAST_BYTES_PER_MS;
    this.seen = [...this.seen, { bytes, over }].slice(-REMEMBERED);
    const quickest = this.seen.reduce((a, b) => (b.over < a.over ? b : a));
    const least = Math.min(...this.seen.map((one) => one.bytes));
    this.fast = this.seen.length >= FEWEST && quickest.bytes - least > TELLING_BYTES;
  }
}
