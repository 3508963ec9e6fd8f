/** From this many bytes a millisecond on, compressing a frame costs more than it saves. */
const FAST_BYTES_PER_MS = 20_000;
/** So many of the last messages tell how fast the link is. */
const MOST = 64;

/**
 * How fast the link from the kernel is: what the quickest large message took longer than the
 * quickest small one. All else that holds a message up, on a busy machine, says nothing about it.
 */
export class Link {
  constructor() {
    /** @type {{ bytes: number, ms: number }[]} */
    this.seen = [];
    /** Whether large messages take hardly longer than small ones. */
    this.fast = false;
  }

  /**
   * @param {number} bytes of a message
   * @param {number} ms from kernel to page, by two clocks: only differences count
   */
  took(bytes, ms) {
    this.seen = [...this.seen, { bytes, ms }].slice(-MOST);
    const most = Math.max(...this.seen.map((one) => one.bytes));
    const quickest = [...this.seen].sort((a, b) => a.ms - b.ms);
    const large = quickest.find((one) => one.bytes > most / 2);
    const small = quickest.find((one) => one.bytes < most / 3);
    if (small && large) {
      this.fast = large.bytes - small.bytes > FAST_BYTES_PER_MS * (large.ms - small.ms);
    }
  }
}
