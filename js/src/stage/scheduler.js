import { Asker } from "./asker.js";
import { StripFiller } from "./strip.js";

/** The thumb counts as at rest when it has not moved for this long. */
const REST_MS = 25;
/** A move after this long without one may well be a jump: its exact frame is asked for at once. */
const JUMP_MS = 150;
/** Where answers come faster than this, a slow thumb is shown exact frames while it moves. */
const FAST_MS = 60;
/** A thumb is slow when it is near the same frame of the strip for this long. */
const SLOW_MS = 50;

/**
 * What the scheduler is told.
 * @typedef {object} Plan
 * @property {() => Iterable<import("./strip.js").Strip>} strips the strips worth having now, the most wanted first; none where nobody looks
 * @property {import("./strip.js").Piece} [piece] how much of them to ask for at a time
 * @property {() => void} onRest called when the thumb has come to rest
 */

/** Decides which frames to ask for, and when. */
export class Scheduler {
  #place;
  #plan;
  #asker;
  #filler;
  #stop;
  #restTimer = 0;
  #movedAt = 0;
  /** @type {import("../frames/store.js").StoredFrame | undefined} the frame of the strip that the thumb is near */
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

  /** Milliseconds that one frame takes to decode. */
  get frameMs() {
    return this.#filler.frameMs;
  }

  /** The thumb moves: ask for an exact frame on the way where that is worth it. */
  moved() {
    if (this.#worthAsking() && !this.#place.exact) this.ask();
    else this.leave();
    this.restSoon();
  }

  /** The person is not where an exact frame was asked for: the kernel need not go on with it. */
  leave() {
    if (this.#asker.leave(this.#place)) this.#stop();
  }

  #worthAsking() {
    const now = performance.now();
    const nearest = this.#place.nearest((frame) => frame.strip);
    if (nearest !== this.#passed) this.#passedAt = now;
    this.#passed = nearest;
    const jump = now - this.#movedAt > JUMP_MS;
    const slow = now - this.#passedAt > SLOW_MS;
    this.#movedAt = now;
    return jump || !nearest || (slow && this.#asker.pace < FAST_MS);
  }

  /** The thumb will be at rest, unless it moves again. */
  restSoon() {
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(this.#plan.onRest, REST_MS);
  }

  /** The thumb is at rest, or nothing is to be done when it comes to rest. */
  stopWaiting() {
    clearTimeout(this.#restTimer);
  }

  /** Ask for the exact frame where the thumb is. */
  ask() {
    const { route, at } = this.#place;
    this.#asker.ask({ route, at });
  }

  /**
   * Ask for the next few frames of the strips, unless some are on their way. Where none is missing
   * and the person waits for nothing, ask for finished frames in place of drafts.
   */
  fill() {
    const place = this.#place;
    const strips = { [Symbol.iterator]: () => this.#plan.strips()[Symbol.iterator]() };
    const isWhole = this.busy ? null : (/** @type {number[]} */ at) => place.hasWhole(at);
    this.#filler.fill(strips, (at) => place.has(at), isWhole);
  }

  /** The person moved: what could not be decoded may be possible now. */
  resume() {
    this.#filler.resume();
  }

  /** What memory has given up may be asked for again. */
  forget() {
    this.#filler.forget();
  }

  /** Other strips are wanted now: do not wait for the piece that is on its way. */
  turn() {
    this.#filler.leave();
  }

  /** Another control is in hand now: its own strip is wanted, and none of it has been passed. */
  grabbed() {
    this.#passed = undefined;
    this.turn();
  }

  /** Begin anew with the strips. */
  restart() {
    this.#filler.reset();
  }

  /** The coordinates mean something else now: nothing that was asked or learnt holds. */
  enter() {
    this.#asker.reset();
    this.#filler.reset();
  }

  /**
   * One of the questions has an answer.
   * @param {import("./messages.js").Answer} answer
   */
  answered(answer) {
    const frames = answer.type === "frames" ? answer : null;
    if (answer.of === "ask") {
      if (frames?.more) this.#asker.drafted(answer.seq);
      else this.#asker.answered(answer.seq, frames !== null, typeof frames?.ms === "number");
      if (this.#filler.drafting) this.fill();
      return;
    }
    const { frames: arrived = [], ms = null, more = false } = frames ?? {};
    this.#filler.answered(answer.seq, answer.type, ms, arrived, more);
    this.fill();
  }

  stop() {
    this.stopWaiting();
    this.#asker.stop();
  }
}
