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
     * The question that is on its way. `asked`: when it was sent; `since`: when it was sent or its
     * latest draft came; `drafted`: whether a draft has come; `hasty`: whether it replaced a
     * question that had no draft yet.
     * @type {(Wanted & { seq: number, asked: number, since: number, drafted: boolean, hasty: boolean }) | null}
     */
    this.flight = null;
    /** Whether the decoder gives drafts: then the kernel stops decoding for a newer question. */
    this.drafting = false;
    /** @type {Wanted | null} the question to ask next */
    this.waiting = null;
    /** Milliseconds that exact frames take from question to answer, smoothed. */
    this.pace = Infinity;
    this.timer = 0;
  }

  /**
   * Send a question, now or when the last one is answered. One that is on its way already is not
   * sent again.
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
   * Take note of a draft, if it belongs to the question on its way.
   * @param {number} seq
   */
  drafted(seq) {
    this.drafting = true;
    if (this.flight?.seq !== seq) return;
    this.flight = { ...this.flight, since: this.now(), drafted: true };
    this.pump();
  }

  /**
   * Drop the question on its way and the one that waits, if the person has left the place that the
   * first asks about. Without drafts the kernel cannot stop decoding, so nothing is dropped.
   * @param {Wanted} place where they are now
   * @returns {boolean} whether anything was dropped, so that the kernel is to be told
   */
  leave({ route, at }) {
    const { flight } = this;
    if (!this.drafting || !flight) return false;
    if (flight.route === route && distance(flight.at, at) === 0) return false;
    this.flight = this.waiting = null;
    return true;
  }

  /**
   * Take note of an answer, if it belongs to the question on its way.
   * @param {number} seq
   * @param {boolean} came whether it is the frame that was asked for
   * @param {boolean} [decoded] whether it was decoded for this question, not kept from before
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

  /** Forget the question on its way, and how long answers take, as the route has changed. */
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
   * Whether a newer question may replace the one on its way. Until a draft comes, this is allowed
   * only once; otherwise questions would queue up in a busy kernel.
   */
  get replaceable() {
    return this.drafting && Boolean(this.flight?.drafted || !this.flight?.hasty);
  }

  /** Send the question that waits, if no other is on its way or the other may be replaced. */
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
