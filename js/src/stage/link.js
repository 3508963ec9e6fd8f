/** From this many bytes a millisecond on, compressing a frame costs more than it saves. */
const FAST_BYTES_PER_MS = 20_000;
/** The last messages tell how fast the link is; fewer than this tell nothing. */
const REMEMBERED = 24;
const FEWEST = 6;
/** Nor do messages of about one size: they differ by no more than this. */
const TELLING_BYTES = 50_000;

/** How fast the link from the kernel is. */
export class Link {
  constructor() {
    /** @type {{ bytes: number, over: number }[]} */
    this.seen = [];
    /** Whether large messages take hardly longer than small ones. */
    this.fast = false;
  }

  /**
   * A message came. Most are held up on the way by what else a busy machine does: the one that
   * tells is the quickest for its size, and on a fast link that is a large one.
   * @param {number} bytes
   * @param {number} ms from kernel to page, by two clocks: only differences count
   */
  took(bytes, ms) {
    // What it took over what a link would that is just fast.
    const over = ms - bytes / FAST_BYTES_PER_MS;
    this.seen = [...this.seen, { bytes, over }].slice(-REMEMBERED);
    const quickest = this.seen.reduce((a, b) => (b.over < a.over ? b : a));
    const least = Math.min(...this.seen.map((one) => one.bytes));
    this.fast = this.seen.length >= FEWEST && quickest.bytes - least > TELLING_BYTES;
  }
}
