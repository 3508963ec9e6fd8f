import { distance } from "../frames/store.js";

/**
 * What the page wants to see: the exact frame at some coordinates of a route.
 * @typedef {{ route: string, at: number[] }} Wanted
 */

/** After this long without an answer a question counts as lost, and the next one is sent. */
const LOST_MS = 10_000;

/**
 * Asks for exact frames, one question at a time: while one is on its way to the kernel and back,
 * the newest of the others waits, and replaces any that waited before it.
 */
export class Asker {
  /**
   * @param {(question: Wanted) => number} send sends a question and returns its number
   * @param {() => number} now milliseconds
   */
  constructor(send, now = () => performance.now()) {
    this.send = send;
    this.now = now;
    /**
     * The question that is on its way; whether a draft of its answer is here, and whether it took
     * the place of one of which none was.
     * @type {(Wanted & { seq: number, asked: number, since: number, drafted: boolean, hasty: boolean }) | null}
     */
    this.flight = null;
    /** Whether the kernel gives drafts: then it stops at once for a newer question. */
    this.drafting = false;
    /** @type {Wanted | null} the question to ask next */
    this.waiting = null;
    /** Milliseconds that exact frames take from question to answer, smoothed. */
    this.pace = Infinity;
    this.timer = 0;
  }

  /**
   * Ask, now or when the answer to the last question is here. What is on its way already is not
   * asked for again.
   * @param {Wanted} question
   */
  ask(question) {
    const { flight } = this;
    const same = flight?.route === question.route && distance(flight.at, question.at) === 0;
    const asked = same && !this.lost;
    this.waiting = asked ? null : question;
    this.pump();
  }

  /**
   * Take a draft in, if it is of the answer that is waited for.
   * @param {number} seq
   */
  drafted(seq) {
    this.drafting = true;
    if (this.flight?.seq !== seq) return;
    this.flight = { ...this.flight, since: this.now(), drafted: true };
    this.pump();
  }

  /**
   * The person has moved on: what is on its way is wanted no more, unless it is asked for again.
   * @param {Wanted} place where they are now
   * @returns {boolean} whether the kernel is to be told so
   */
  leave({ route, at }) {
    const { flight } = this;
    if (!this.drafting || !flight) return false;
    if (flight.route === route && distance(flight.at, at) === 0) return false;
    this.flight = this.waiting = null;
    return true;
  }

  /**
   * Take an answer in, if it is the one that was waited for.
   * @param {number} seq
   * @param {boolean} came whether it is the frame that was asked for
   * @param {boolean} [decoded] whether it was decoded for this question, and not before
   */
  answered(seq, came, decoded = came) {
    if (this.flight?.seq !== seq) return;
    const took = this.now() - this.flight.asked;
    if (decoded) this.drafting = this.flight.drafted;
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

  /**
   * Whether a newer question may be sent though one is on its way: the kernel stops for it. Only
   * one such is sent ahead of the first draft, or they would pile up before a kernel that is busy.
   */
  get replaceable() {
    return this.drafting && Boolean(this.flight?.drafted || !this.flight?.hasty);
  }

  /** Send the question that waits, if no other is on its way, or the kernel stops for it. */
  pump() {
    const { flight, waiting: question } = this;
    if (!question || (flight && !this.lost && !this.replaceable)) return;
    this.waiting = null;
    const hasty = flight !== null && !flight.drafted && !this.lost;
    const asked = this.now();
    const seq = this.send(question);
    this.flight = { ...question, seq, asked, since: asked, drafted: false, hasty };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), LOST_MS + 1);
  }
}
