import { images } from "../frames/images.js";
import { FrameStore } from "../frames/store.js";
import { Mailbox } from "./mailbox.js";
import { Place } from "./place.js";
import { Reporter } from "./reporter.js";
import { Scheduler } from "./scheduler.js";
import { Trouble } from "./trouble.js";

const MEGABYTE = 2 ** 20;
const UNREACHED = "The kernel could not be reached. Run the cell again.";
const UNREADABLE = "The browser could not open a picture that the kernel sent.";

/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */

/**
 * What sets one kind of widget apart, beside its coordinates: what it wants decoded ahead.
 * @typedef {object} Ahead
 * @property {(stage: Stage) => Iterable<import("./strip.js").Strip>} strips the strips worth having now, the most wanted first
 * @property {import("./strip.js").Piece} [piece] how much of them to ask for at a time
 */

/** @typedef {import("./reporter.js").Coordinates & Ahead} Control */

/**
 * What all views of one widget share: where the thumb is, the frames there are, what is asked.
 * Everything about coordinates and frames is here; views only show it. The work is done by a
 * `Scheduler` (which frames to ask for, and when), a `Mailbox` (messages) and a `Reporter` (what
 * the kernel is told of the thumb); the stage says what each of them does next.
 */
export class Stage {
  #place;
  #mailbox;
  #scheduler;
  #reporter;
  #trouble = new Trouble();
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {Set<object>} views that a person can see */
  #seen = new Set();

  /**
   * @param {import("@anywidget/types").AnyModel} model
   * @param {AbortSignal} signal ends with the widget
   * @param {Control} control
   * @param {import("../frames/kind.js").Kind} [kind] of what is shown
   * @param {FrameStore} [store]
   */
  constructor(model, signal, control, kind = images, store = new FrameStore(0, kind.open)) {
    /** @readonly */
    this.model = model;
    /** @readonly how outputs are shown */
    this.kind = kind;
    /** @readonly the frames there are */
    this.store = store;
    this.#place = new Place(model, store, control.read());
    this.#mailbox = new Mailbox(model, store, {
      kept: (frames) => this.#take(frames),
      answered: (answer) => this.#answered(answer),
      refused: (message) => this.#refused(message),
      unreached: () => this.fail(UNREACHED),
    });
    this.#scheduler = new Scheduler(this.#place, this.#mailbox, {
      strips: () => (this.inSight ? control.strips(this) : []),
      piece: control.piece,
      onRest: () => this.settle(),
    });
    this.#reporter = new Reporter(this.#place, control, () => model.save_changes());
    this.#resize();
    model.on("change:_route", () => this.#enter());
    for (const name of ["value", "conditions"]) model.on(`change:${name}`, () => this.follow());
    model.on("change:strip_length", () => this.fill());
    model.on("change:frame_memory", () => {
      this.#resize();
      this.#scheduler.restart();
      this.fill();
    });
    signal.addEventListener("abort", () => {
      this.#scheduler.stop();
      this.#reporter.stop();
      this.#listeners.clear();
      store.close();
    });
    this.#mailbox.takeFirstPicture();
  }

  /** The name of what the coordinates mean. */
  get route() {
    return this.#place.route;
  }

  /** Where the thumbs are. The model hears of it a little later, see `Reporter`. */
  get at() {
    return this.#place.at;
  }

  /** The control that is being moved, or was last: frames along it stand in for others. */
  get axis() {
    return this.#place.axis;
  }

  /** What went wrong, for the person to read; empty when all is well. */
  get error() {
    return this.#trouble.message;
  }

  /** Whether an exact frame has been asked for and is not here yet. */
  get busy() {
    return this.#scheduler.busy;
  }

  /** Milliseconds that one frame takes to decode. */
  get frameMs() {
    return this.#scheduler.frameMs;
  }

  /** Whether a person can see any of the views. */
  get inSight() {
    return this.#seen.size > 0;
  }

  // What is shown

  /**
   * Be told whenever what is shown may have changed.
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  listen(listener, signal) {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  /** Tell all that listen. */
  changed() {
    for (const listener of this.#listeners) listener();
  }

  /**
   * The frame to show where the thumb is: the nearest that is ready. One that is nearer but not
   * ready is made so, and shown then.
   */
  frame() {
    const nearest = this.#place.nearest();
    if (!nearest || this.readied(nearest)) return nearest;
    return this.#place.nearest((frame) => frame.bitmap !== null);
  }

  /**
   * Whether a frame is ready to be painted. One that is not is made so, and all are told then.
   * @param {StoredFrame} frame
   */
  readied(frame) {
    const ready = frame.bitmap !== null;
    this.store.ready(frame).then(
      () => {
        if (ready) return;
        this.changed();
        if (this.isExact(frame)) this.#reporter.tellNext();
      },
      () => this.fail(UNREADABLE),
    );
    return ready;
  }

  /** @param {StoredFrame} frame */
  isExact(frame) {
    return this.#place.isExact(frame);
  }

  // What the person does

  /**
   * The person moved.
   * @param {number[]} at
   * @param {{ rest?: boolean }} [options] `rest`: this is where they stay
   */
  move(at, { rest = false } = {}) {
    this.#place.go(at);
    this.#scheduler.resume();
    this.#reporter.tellSoon();
    if (rest) this.settle();
    else {
      this.#scheduler.moved();
      this.fill();
      this.changed();
    }
  }

  /**
   * The person took hold of a control: its strip goes before all others.
   * @param {number} axis
   */
  grab(axis) {
    if (axis === this.axis) return;
    this.#place.grab(axis);
    this.#scheduler.grabbed();
    this.fill();
    this.changed();
  }

  /**
   * The person looks at other coordinates without going there: the kernel is not told.
   * @param {number[]} at what the control reads
   */
  look(at) {
    this.#reporter.know(at);
    this.move(at, { rest: true });
  }

  /**
   * Playing moved on. Frames of the strip are all it shows: no exact frame is asked for.
   * @param {number[]} at
   */
  play(at) {
    this.#place.go(at);
    this.#scheduler.leave();
    this.#reporter.tellSoon();
    this.fill();
    this.changed();
  }

  /** The thumb is at rest: the exact frame is wanted, and the kernel is told where it is. */
  settle() {
    this.#scheduler.stopWaiting();
    if (this.#place.exact) {
      this.#trouble.set("");
      this.#reporter.tellNext();
      this.#scheduler.leave();
    } else this.#scheduler.ask();
    // Frames that memory gave up while the thumb was elsewhere are wanted again.
    this.wantAgain();
    this.fill();
    this.changed();
  }

  /** It will be at rest, unless it moves again. */
  settleSoon() {
    this.#scheduler.restSoon();
  }

  /** Tell the kernel now where the thumb is. */
  tell() {
    this.#reporter.tell();
  }

  /** Go where Python has put the value. */
  follow() {
    if (!this.#reporter.follow()) return;
    if (!this.model.get("playing")) this.settleSoon();
    this.changed();
  }

  // What is decoded ahead

  /**
   * A view came into sight or went out of it: strips are decoded ahead for what is seen.
   * @param {object} view
   * @param {boolean} visible
   */
  see(view, visible) {
    if (visible) this.#seen.add(view);
    else this.#seen.delete(view);
    if (!visible) return;
    if (!this.#place.exact && !this.busy) this.settle();
    this.fill();
  }

  /** Ask for what is missing of the strips, unless a piece of them is on its way. */
  fill() {
    this.#scheduler.fill();
  }

  /** Frames that memory has given up may be asked for again. */
  wantAgain() {
    this.#scheduler.forget();
  }

  /**
   * Other strips are wanted than before: ask for them without waiting for what is on its way, and
   * for what could not be decoded too.
   */
  wantOthers() {
    this.#scheduler.forget();
    this.#scheduler.resume();
    this.#scheduler.turn();
  }

  /**
   * Ask for the exact frame at coordinates other than the thumb's.
   * @param {string} name of who asks
   * @param {number[]} at
   * @param {boolean} [fast] whether the frame may come uncompressed
   */
  askBeside(name, at, fast) {
    this.#mailbox.ask({ route: this.route, at }, { beside: name, fast });
  }

  /** The latent where the thumb is, as the kernel writes it. */
  latentText() {
    return this.#mailbox.latentText(this.#place);
  }

  /** How much each layer changes the output there. @param {number} axis of which direction */
  layerEffects(axis) {
    return this.#mailbox.layerEffects(this.#place, axis);
  }

  /** @param {string} [message] none when all is well again */
  fail(message = "") {
    this.#trouble.set(message);
    this.changed();
  }

  // What comes

  /** @param {StoredFrame[]} frames that have come */
  #take(frames) {
    // Opened at once, so that a thumb that comes by finds them ready.
    const ready = frames.filter((frame) => this.readied(frame));
    if (ready.some((frame) => this.isExact(frame))) this.#reporter.tellNext();
    this.changed();
  }

  /** @param {import("./messages.js").Answer} answer to a question of this page */
  #answered(answer) {
    const own = this.#mailbox.isOwn(answer);
    if (answer.type === "error") this.fail(answer.message);
    else if (answer.type === "frames" && answer.of === "ask" && !answer.more) {
      if (this.#trouble.endsWith(own, answer.seq)) this.fail();
    }
    if (own) this.#scheduler.answered(answer);
  }

  /** @param {string} message why the kernel refused what the page had set */
  #refused(message) {
    this.#trouble.refuse(message, this.#mailbox.seq);
    this.changed();
  }

  /** The coordinates mean something else now. */
  #enter() {
    this.follow();
    this.#scheduler.enter();
    this.settle();
  }

  #resize() {
    this.store.resize(this.model.get("frame_memory") * MEGABYTE);
  }
}
