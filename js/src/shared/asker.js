import { distance } from "./store.js";

/**
 * What goes to the kernel.
 * @typedef {object} Question
 * @property {number[]} at
 * @property {boolean} decode whether the exact frame is wanted, or the coordinates only reported
 * @property {boolean} moved whether the person moved here; else the kernel knows where it is
 */

/** After this long without an answer a question counts as lost, and the next one is sent. */
const LOST_MS = 10_000;

/**
 * Keeps one question in flight; the newest replaces the one that waits.
 */
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
    this.pace = Number.POSITIVE_INFINITY;
  }

  /** @param {Question} question */
  ask(question) {
    // A move that waits must not get lost with the question that reported it.
    const moved = question.moved || Boolean(this.waiting?.moved);
    // What is on its way need not be asked for again.
    const { flight } = this;
    const asked = flight?.decode && flight.moved === moved;
    this.waiting = asked && distance(flight.at, question.at) === 0 ? null : { ...question, moved };
    this.pump();
  }

  /**
   * Take an answer in; says whether it is the one that was waited for.
   * @param {number} seq
   * @returns {boolean}
   */
  answered(seq) {
    if (!this.flight || this.flight.seq !== seq) return false;
    if (this.flight.decode) {
      const took = this.now() - this.flight.since;
      this.pace = Number.isFinite(this.pace) ? 0.7 * this.pace + 0.3 * took : took;
    }
    this.flight = null;
    this.pump();
    return true;
  }

  /** Whether an exact frame has been asked for and is not here yet. */
  get busy() {
    return Boolean(this.flight?.decode || this.waiting?.decode);
  }

  pump() {
    if (!this.waiting) return;
    if (this.flight && this.now() - this.flight.since < LOST_MS) {
      // A report is answered at once, so a question that wants a frame need not wait for it.
      if (this.flight.decode || !this.waiting.decode) return;
    }
    const question = this.waiting;
    this.waiting = null;
    this.flight = { ...question, seq: this.send(question), since: this.now() };
  }
}
