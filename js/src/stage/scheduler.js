import { Asker } from "./asker.js";
import { StripFiller } from "./strip.js";

/** The thumb counts as at rest when it has not moved for this long. */
const REST_MS = 25;
/** A move after this long without one may well be a jump: its exact frame is asked for at once. */
const JUMP_MS = 150;
/** If answers take less than this, exact frames are asked for while a slow thumb moves. */
const FAST_MS = 60;
/** A thumb is slow when it is near the same frame of the strip for this long. */
const SLOW_MS = 50;

/**
 * What to decode ahead, and what to do when the thumb rests.
 * @typedef {object} Plan
 * @property {() => Iterable<import("./strip.js").Strip>} strips the strips worth having now, the most wanted first; empty while no view is in sight
 * @property {import("./strip.js").Piece} [piece] how much of them to ask for at a time
 * @property {() => void} onRest called when the thumb has come to rest
 */

/** Decides which frames to ask for, and when. */
export class Scheduler {
  #place;
  #plan;
  #mailbox;
  #asker;
  #filler;
  #stop;
  #restTimer = 0;
  #movedAt = 0;
  /** @type {import("../frames/store.js").StoredFrame | undefined} the strip's frame that was nearest to the thumb at its last move */
  #passed;
  #passedAt = 0;

  /**
   * @param {import("./place.js").Place} place
   * @param {import("./mailbox.js").Mailbox} mailbox
   * @param {Plan} plan
   */
  constructor(place, mailbox, plan) {
    this.#place = place;
    this.#plan = plan;
    this.#mailbox = mailbox;
    this.#asker = new Asker((question) => mailbox.ask(question));
    this.#stop = () => mailbox.stop(place.route);
    this.#filler = new StripFiller(
      (positions, drafts) => mailbox.askStrip(place.route, positions, drafts),
      undefined,
      plan.piece,
    );
  }

  /** Whether an exact frame has been asked for and is not here yet. */
  get busy() {
    return this.#asker.busy;
  }

  /**
   * How long frames take to decode, as strips tell.
   * @returns {import("./strip.js").Pace}
   */
  get pace() {
    return this.#filler;
  }

  /** What went wrong at positions of strips that cannot be decoded. */
  get faults() {
    return this.#filler.broken;
  }

  /** The thumb moved: ask for the exact frame there if worth it, else drop an old question. */
  moved() {
    this.#go(this.#worthAsking());
    this.restSoon();
  }

  /** The thumb is played past a place: ask for its frame if it comes soon. */
  passed() {
    this.#go(this.#prompt);
  }

  /** @param {boolean} worth whether to ask for the exact frame, if it is not here */
  #go(worth) {
    if (worth && !this.#place.exact) this.ask();
    else this.leave();
  }

  /** Whether any move is worth a picture. */
  get #prompt() {
    return Boolean(this.#mailbox.local?.prompt);
  }

  /** Have the kernel stop decoding an exact frame where the thumb no longer is. */
  leave() {
    if (this.#asker.leave(this.#place)) this.#stop();
  }

  #worthAsking() {
    if (this.#prompt) return true;
    const now = performance.now();
    const nearest = this.#place.nearest((frame) => frame.strip);
    if (nearest !== this.#passed) this.#passedAt = now;
    this.#passed = nearest;
    const jump = now - this.#movedAt > JUMP_MS;
    const slow = now - this.#passedAt > SLOW_MS;
    this.#movedAt = now;
    return jump || !nearest || (slow && this.#asker.pace < FAST_MS);
  }

  /** Start the timer that calls `onRest`, or start it again. */
  restSoon() {
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(this.#plan.onRest, REST_MS);
  }

  /** Cancel the timer that calls `onRest`. */
  stopWaiting() {
    clearTimeout(this.#restTimer);
  }

  /** Ask for the exact frame where the thumb is. */
  ask() {
    const { route, at } = this.#place;
    this.#asker.ask({ route, at });
  }

  /**
   * Ask for the next few frames of the strips, unless some are on their way. If none is missing and
   * no exact frame is awaited, ask for finished frames to replace drafts.
   */
  fill() {
    const place = this.#place;
    const all = { [Symbol.iterator]: () => this.#plan.strips()[Symbol.iterator]() };
    const strips = this.#mailbox.local?.worth(all) ?? all;
    const isWhole = this.busy ? null : (/** @type {number[]} */ at) => place.hasWhole(at);
    this.#filler.fill(strips, (at) => place.has(at), isWhole);
  }

  /** If errors have stopped the strips, ask again, for positions that failed too. */
  resume() {
    this.#filler.resume();
  }

  /** Let frames that the store has evicted be asked for again. */
  forget() {
    this.#filler.forget();
  }

  /** Stop waiting for the piece on its way, so that other strips can be asked for at once. */
  turn() {
    this.#filler.leave();
  }

  /** Another control is in hand: turn to its strip, and forget the frame that was last nearest. */
  grabbed() {
    this.#passed = undefined;
    this.turn();
  }

  /** Forget what was asked for strips, what came and what failed. */
  restart() {
    this.#filler.reset();
  }

  /** Forget all that was asked and learnt, as the route has changed. */
  enter() {
    this.#asker.reset();
    this.#filler.reset();
  }

  /**
   * Take note of an answer, and ask for what is wanted next.
   * @param {import("./replies.js").Answer} answer
   */
  answered(answer) {
    const frames = answer.type === "frames" ? answer : null;
    if (answer.of === "ask") {
      if (frames?.more) this.#asker.drafted(answer.seq);
      else this.#asker.answered(answer.seq, frames !== null, typeof frames?.ms === "number");
      if (frames && !frames.more) this.#filler.retry();
      if (this.#filler.drafting || this.#filler.retried.size > 0) this.fill();
      return;
    }
    const { frames: arrived = [], ms = null, more = false } = frames ?? {};
    const message = answer.type === "error" ? answer.message : "";
    this.#filler.answered(answer.seq, answer.type, ms, arrived, more, message);
    this.fill();
  }

  stop() {
    this.stopWaiting();
    this.#asker.stop();
  }
}
