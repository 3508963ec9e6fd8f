import { distance } from "./store.js";

/**
 * What the page wants to see: the exact frame at some coordinates of a line.
 * @typedef {{ line: string, at: number[] }} Question
 */

/** After this long without an answer a question counts as lost, and the next one is sent. */
const LOST_MS = 10_000;
/** From this many bytes a millisecond on, compressing a frame costs more than it saves. */
const FAST_BYTES_PER_MS = 40_000;
/** Smaller answers say nothing about how fast the link is. */
const TELLING_BYTES = 100_000;

/** Keeps one question in flight; the newest replaces the one that waits. */
export class Asker {
  /**
   * @param {(question: Question) => number} send sends a question and returns its number
   * @param {() => number} now milliseconds
   */
  constructor(send, now = () => performance.now()) {
    this.send = send;
    this.now = now;
    /** @type {(Question & { seq: number, since: number }) | null} */
    this.flight = null;
    /** @type {Question | null} */
    this.waiting = null;
    /** Milliseconds that exact frames take from question to answer, smoothed. */
    this.pace = Infinity;
    /** The least that an answer has taken beside decoding: the way there and back. */
    this.way = Infinity;
    /** Whether large answers take hardly longer than small ones. */
    this.fast = false;
    this.timer = 0;
  }

  /** @param {Question} question */
  ask(question) {
    const { flight } = this;
    // What is on its way need not be asked for again.
    const same = flight?.line === question.line && distance(flight.at, question.at) === 0;
    const asked = same && !this.lost;
    this.waiting = asked ? null : question;
    this.pump();
  }

  /**
   * Take an answer in, if it is the one that was waited for.
   * @param {number} seq
   * @param {{ ms?: number, bytes?: number }} [cost] of decoding, and of the way
   */
  answered(seq, { ms = 0, bytes = 0 } = {}) {
    if (this.flight?.seq !== seq) return;
    const took = this.now() - this.flight.since;
    this.flight = null;
    if (bytes > 0) {
      this.pace = Number.isFinite(this.pace) ? 0.7 * this.pace + 0.3 * took : took;
      this.way = Math.min(this.way, Math.max(0, took - ms));
      const spent = Math.max(1, took - ms - this.way);
      if (bytes > TELLING_BYTES) this.fast = bytes / spent > FAST_BYTES_PER_MS;
    }
    this.pump();
  }

  /** Whether an exact frame has been asked for and is not here yet. */
  get busy() {
    return Boolean((this.flight && !this.lost) || this.waiting);
  }

  /** Whether what is in flight has been there for too long. */
  get lost() {
    return this.flight !== null && this.now() - this.flight.since >= LOST_MS;
  }

  stop() {
    clearTimeout(this.timer);
    this.waiting = null;
  }

  pump() {
    if (!this.waiting || (this.flight && !this.lost)) return;
    const question = this.waiting;
    this.waiting = null;
    this.flight = { ...question, seq: this.send(question), since: this.now() };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), LOST_MS + 1);
  }
}
