/** From this many bytes a millisecond on, compressing a frame costs more than it saves. */
const FAST_BYTES_PER_MS = 20_000;
/** The last messages tell how fast the link is; fewer than this tell nothing. */
const REMEMBERED = 24;
const FEWEST = 6;
/** Nor do messages of about one size. */
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
   * A message came. Whatever else holds one up on a busy machine, the quickest of the small ones
   * and the quickest of the large ones differ by what the link takes.
   * @param {number} bytes
   * @param {number} ms from kernel to page, by two clocks: only differences count
   */
  took(bytes, ms) {
    // What it took over what a link would that is just fast.
    const over = ms - bytes / FAST_BYTES_PER_MS;
    this.seen = [...this.seen, { bytes, over }].slice(-REMEMBERED);
    if (this.seen.length < FEWEST) return;
    const large = [...this.seen].sort((a, b) => a.bytes - b.bytes);
    const small = large.splice(0, large.length / 2);
    const [from, to] = [small, large].map((some) => some.sort((a, b) => a.over - b.over)[0]);
    this.fast = to.bytes - from.bytes > TELLING_BYTES && to.over < from.over;
  }
}
