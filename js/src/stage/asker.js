import { distance } from "../frames/store.js";

/**
 * What the page wants to see: the exact frame at some coordinates of a line.
 * @typedef {{ line: string, at: number[] }} Question
 */

/** After this long without an answer a question counts as lost, and the next one is sent. */
const LOST_MS = 10_000;

/**
 * Asks for exact frames, one question at a time: while one is on its way to the kernel and back,
 * the newest of the others waits, and replaces any that waited before it.
 */
export class Asker {
  /**
   * @param {(question: Question) => number} send sends a question and returns its number
   * @param {() => number} now milliseconds
   */
  constructor(send, now = () => performance.now()) {
    this.send = send;
    this.now = now;
    /** @type {(Question & { seq: number, since: number }) | null} the question that is on its way */
    this.flight = null;
    /** @type {Question | null} the question to ask next */
    this.waiting = null;
    /** Milliseconds that exact frames take from question to answer, smoothed. */
    this.pace = Infinity;
    this.timer = 0;
  }

  /**
   * Ask, now or when the answer to the last question is here. What is on its way already is not
   * asked for again.
   * @param {Question} question
   */
  ask(question) {
    const { flight } = this;
    const same = flight?.line === question.line && distance(flight.at, question.at) === 0;
    const asked = same && !this.lost;
    this.waiting = asked ? null : question;
    this.pump();
  }

  /**
   * Take an answer in, if it is the one that was waited for.
   * @param {number} seq
   * @param {boolean} came whether it is the frame that was asked for
   */
  answered(seq, came) {
    if (this.flight?.seq !== seq) return;
    const took = this.now() - this.flight.since;
    this.flight = null;
    if (came) this.pace = Number.isFinite(this.pace) ? 0.7 * this.pace + 0.3 * took : took;
    this.pump();
  }

  /** Whether an exact frame has been asked for and is not here yet. */
  get busy() {
    return Boolean((this.flight && !this.lost) || this.waiting);
  }

  /** Whether the question on its way has had no answer for so long that none will come. */
  get lost() {
    return this.flight !== null && this.now() - this.flight.since >= LOST_MS;
  }

  /** Forget what is in flight, and how long answers take: what is asked means something else now. */
  reset() {
    this.flight = null;
    this.pace = Infinity;
  }

  /** Ask nothing more. */
  stop() {
    clearTimeout(this.timer);
    this.waiting = null;
  }

  /** Send the question that waits, if no other is on its way. */
  pump() {
    if (!this.waiting || (this.flight && !this.lost)) return;
    const question = this.waiting;
    this.waiting = null;
    this.flight = { ...question, seq: this.send(question), since: this.now() };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), LOST_MS + 1);
  }
}
