/** A level finer than 3 is left out if the strip would then take longer than this to decode. */
const MOST_MS = 30_000;
/**
 * How many frames of a strip one question asks for: as many as can be decoded in `ms`
 * milliseconds, but no more than `most`.
 * @typedef {{ ms: number, most: number }} Piece
 */

/** @type {Piece} */
const PIECE = { ms: 100, most: 24 };
/**
 * How many finished frames one question asks for at least. They take a decoder long, which the kernel
 * may make several of in hardly more time than one. Drafts are asked for one at a time if need be.
 */
const FEWEST = 8;

/**
 * A strip: the positions along one control whose frames are decoded before anybody goes there,
 * and the coordinates they stand for.
 * @typedef {object} Strip
 * @property {Map<number, number>} levels the level of each position: level 0 is asked for first, then 1, and so on. Positions along a slider are from 0 to 1
 * @property {number} thumb the position where the thumb of the slider is
 * @property {(t: number) => number[]} at the coordinates of a position
 */

/**
 * The positions worth having along a control from 0 to 1, and the level of each: level 0 is asked
 * for first, and each further level halves the gaps.
 * @param {number} length how many positions are wanted at most
 * @param {number[]} first positions that are shown all the time, such as a filmstrip's
 * @param {number} msPerFrame milliseconds that a frame takes to decode
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
 * The positions of a strip that lack a frame: lower levels first, in each the nearest to the thumb.
 * @param {Strip} strip
 * @param {(at: number[]) => boolean} has whether there is a frame at some coordinates
 * @returns {number[][]} empty when the strip is complete
 */
export function missing({ levels, thumb, at }, has) {
  const left = [...levels].filter(([t]) => !has(at(t)));
  left.sort(([s, a], [t, b]) => a - b || Math.abs(s - thumb) - Math.abs(t - thumb));
  return left.map(([t]) => at(t));
}

/**
 * The next positions to ask for, from the first strips that lack any.
 * @param {Iterable<Strip>} strips the most wanted first
 * @param {(at: number[]) => boolean} has
 * @param {number} msPerFrame
 * @param {Piece} [limits]
 * @param {number} [fewest] how many positions at least, however long they take
 * @returns {number[][]}
 */
export function nextPiece(strips, has, msPerFrame, { ms, most } = PIECE, fewest = 1) {
  const size = Math.max(fewest, Math.min(most, Math.floor(ms / msPerFrame)));
  /** @type {number[][]} */
  const piece = [];
  for (const strip of strips) {
    piece.push(...missing(strip, has).slice(0, size - piece.length));
    if (piece.length === size) break;
  }
  return piece;
}

/**
 * How long frames take to decode.
 * @typedef {object} Pace
 * @property {number} frameMs milliseconds of one frame; of a draft, if the decoder gives drafts
 * @property {number} wholeMs milliseconds of a finished frame that replaces a draft, as far as that is known
 * @property {boolean} drafting whether drafts have come
 */

/** After this many errors in a row nothing is asked for until the person moves again. */
const MOST_ERRORS = 3;
/** After this long without an answer a piece counts as lost. */
const LOST_MS = 30_000;

/**
 * What is known of a frame that came.
 * @typedef {object} Arrived
 * @property {number[]} at
 * @property {number} draft which draft it is; 0 for a finished frame
 */

/**
 * Asks for strips piece by piece: for the next when the frames of the last are here. If the decoder
 * gives drafts, it asks first for drafts at all positions, then for finished frames.
 */
export class StripFiller {
  /**
   * @param {(positions: number[][], drafts: boolean) => number} send asks for frames and returns the question's number; `drafts`: whether drafts are good enough
   * @param {() => number} now milliseconds
   * @param {Piece} [limits]
   */
  constructor(send, now = () => performance.now(), limits = PIECE) {
    this.send = send;
    this.now = now;
    this.limits = limits;
    /** @type {{ seq: number, since: number, positions: number[][], drafts: boolean } | null} the piece on its way */
    this.flight = null;
    /** Milliseconds that one frame takes to decode; a draft, if the decoder gives drafts. */
    this.frameMs = 5;
    /** Milliseconds that a finished frame takes to decode, if it replaces a draft. */
    this.wholeMs = 150;
    /** Whether drafts have come. */
    this.drafting = false;
    /** @type {Map<string, string>} why, for positions that cannot be decoded */
    this.broken = new Map();
    /** @type {Set<string>} broken positions that were tried again already */
    this.retried = new Set();
    /** @type {Set<string>} positions whose frames came. Until `forget()` they are not asked for again, even if the store evicts them at once */
    this.arrived = new Set();
    /** @type {Set<string>} positions whose finished frames came */
    this.whole = new Set();
    this.errors = 0;
    /** How many positions to ask for: after an error one, to find out which cannot be decoded, then twice as many with each answer. */
    this.most = Infinity;
  }

  /**
   * Ask for the next piece, if there is one and none is on its way. Missing frames do not wait for
   * a piece that only replaces drafts.
   * @param {Iterable<Strip>} strips the most wanted first
   * @param {(at: number[]) => boolean} has
   * @param {((at: number[]) => boolean) | null} [isWhole] whether there is a finished frame; null if drafts are not to be replaced now
   */
  fill(strips, has, isWhole = null) {
    const waits = this.flight && this.now() - this.flight.since < LOST_MS;
    if ((waits && this.flight?.drafts) || this.errors >= MOST_ERRORS) return;
    const fewest = this.drafting ? 1 : FEWEST;
    const missed = nextPiece(
      strips,
      this.#without(has, this.arrived),
      this.frameMs,
      this.limits,
      fewest,
    );
    if (missed.length > 0) this.#ask(missed, true);
    else if (isWhole && this.drafting && !waits) {
      const had = this.#without(isWhole, this.whole);
      this.#ask(nextPiece(strips, had, this.wholeMs, this.limits, FEWEST), false);
    }
  }

  /**
   * @param {(at: number[]) => boolean} has
   * @param {Set<string>} arrived
   * @returns {(at: number[]) => boolean} whether a position is not to be asked for
   */
  #without(has, arrived) {
    return (at) => has(at) || this.broken.has(at.join()) || arrived.has(at.join());
  }

  /**
   * @param {number[][]} piece
   * @param {boolean} drafts
   */
  #ask(piece, drafts) {
    const positions = piece.slice(0, this.most);
    if (positions.length === 0) return;
    this.flight = { seq: this.send(positions, drafts), since: this.now(), positions, drafts };
  }

  /**
   * Take note of an answer, if it belongs to the piece on its way.
   * @param {number} seq
   * @param {string} type
   * @param {number | null} ms milliseconds that a frame took to decode; null if none was decoded
   * @param {Arrived[]} arrived the frames that came
   * @param {boolean} [more] whether more of its frames follow
   * @param {string} [message] what went wrong
   */
  answered(seq, type, ms, arrived, more = false, message = "") {
    if (this.flight?.seq !== seq) return;
    const { positions, drafts } = this.flight;
    this.flight = more ? { ...this.flight, since: this.now() } : null;
    for (const { at, draft } of arrived) {
      this.arrived.add(at.join());
      if (draft === 0) this.whole.add(at.join());
      else this.drafting = true;
    }
    if (ms !== null && drafts) this.frameMs = Math.max(0.1, ms);
    else if (ms !== null && arrived.every(({ draft }) => draft === 0)) this.wholeMs = ms;
    if (type === "error") {
      this.errors += 1;
      this.most = 1;
      if (positions.length === 1) this.broken.set(positions[0].join(), message);
    } else if (type === "frames") {
      this.errors = 0;
      if (!more) this.most *= 2;
      if (arrived.length > 0) this.retry();
    }
  }

  /** Something was decoded: what could not be may only have failed in passing, and is tried again, once. */
  retry() {
    for (const position of this.broken.keys()) {
      if (this.retried.has(position)) continue;
      this.retried.add(position);
      this.broken.delete(position);
    }
  }

  /** If errors have stopped the asking, start again, with positions that failed too. */
  resume() {
    if (this.errors < MOST_ERRORS) return;
    this.errors = 1;
    this.most = 1;
    this.broken.clear();
    this.retried.clear();
  }

  /** Stop waiting for the piece on its way. Its frames are kept all the same. */
  leave() {
    this.flight = null;
  }

  /** Let frames that the store has evicted be asked for again, once. */
  forget() {
    this.arrived.clear();
    this.whole.clear();
  }

  /** Forget what was asked, what came and what failed. */
  reset() {
    this.flight = null;
    this.broken.clear();
    this.retried.clear();
    this.forget();
    this.errors = 0;
    this.most = Infinity;
    this.frameMs = Math.max(this.frameMs, 5);
  }
}
