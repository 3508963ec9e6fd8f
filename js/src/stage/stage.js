import { atEnd } from "../dom/element.js";
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
 * What all views of one widget share: where the thumb is, the frames there are, what is asked. Views
 * only show it. A `Scheduler` says which frames to ask for, and when, a `Mailbox` sends messages, a
 * `Reporter` tells the kernel of the thumb; the stage says what each of them does next.
 */
export class Stage {
  #place;
  #mailbox;
  #scheduler;
  #reporter;
  #trouble = new Trouble();
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {Map<object, boolean | undefined>} the views there are, and whether a person can see them */
  #views = new Map();

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
      refused: (message) => this.refuse(message),
      unreached: () => (this.#mailbox.gone ? this.changed() : this.fail(UNREACHED)),
    });
    this.#scheduler = new Scheduler(this.#place, this.#mailbox, {
      strips: () => (this.inSight ? control.strips(this) : []),
      piece: control.piece,
      onRest: () => this.settle(),
    });
    this.#reporter = new Reporter(this.#place, control, model);
    const resize = () => store.resize(model.get("frame_memory") * MEGABYTE);
    resize();
    model.on("change:_route", () => this.enter());
    // Once all of a message is there: marimo takes in trait after trait.
    for (const name of ["value", "conditions", "_placed"])
      model.on(`change:${name}`, () => queueMicrotask(() => this.follow()));
    model.on("change:strip_length", () => this.fill());
    model.on("change:frame_memory", () => {
      resize();
      this.#scheduler.restart();
      this.fill();
    });
    atEnd(signal, () => {
      this.#scheduler.stop();
      this.#reporter.stop();
      this.#listeners.clear();
      store.close();
    });
    this.#mailbox.takeFirstPicture();
  }

  /** The name of the current route, which says what the coordinates mean. */
  get route() {
    return this.#place.route;
  }

  /** The coordinates of the thumbs. They reach the model a little later, see `Reporter`. */
  get at() {
    return this.#place.at;
  }

  /** The control moved last. Frames along it are shown while the exact one is missing. */
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

  /** What went wrong where a frame of a strip cannot be decoded, by its joined coordinates. */
  get faults() {
    return this.#scheduler.faults;
  }

  /** How long frames take to decode. */
  get pace() {
    return this.#scheduler.pace;
  }

  /** Whether a person can see any of the views; undefined where there is none. */
  get inSight() {
    return this.#views.size > 0 ? [...this.#views.values()].includes(true) : undefined;
  }

  // What is shown

  /**
   * Have a function called whenever what is shown may have changed.
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  listen(listener, signal) {
    this.#listeners.add(listener);
    atEnd(signal, () => this.#listeners.delete(listener));
  }

  /** Call all listeners. */
  changed() {
    for (const listener of this.#listeners) listener();
  }

  /**
   * The frame to show where the thumb is: the nearest that is ready. A nearer one that is not ready
   * is opened; listeners are called when it is.
   */
  frame() {
    const nearest = this.#place.nearest();
    if (!nearest || this.readied(nearest)) return nearest;
    return this.#place.nearest((frame) => frame.bitmap !== null);
  }

  /**
   * Whether a frame is ready to be painted. If not, it is opened; listeners are called when it is.
   * @param {StoredFrame} frame
   */
  readied(frame) {
    const ready = frame.bitmap !== null;
    this.store.ready(frame).then(
      () => {
        if (ready) return;
        this.changed();
        if (this.isExact(frame)) this.#reporter.tellNext(this.#mailbox.local);
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
   * Show other coordinates, which `control.read()` returns already: nothing is left to report.
   * @param {number[]} at
   */
  look(at) {
    this.#reporter.know(at);
    this.move(at, { rest: true });
  }

  /**
   * Playing moved on: show frames of the strip, and ask for exact ones only where they come soon.
   * @param {number[]} at
   */
  play(at) {
    this.#place.go(at);
    this.#scheduler.passed();
    this.#reporter.tellSoon();
    this.fill();
    this.changed();
  }

  /** Have the exact frame shown where the thumb is: ask for it, unless it is here. */
  settle() {
    this.#scheduler.stopWaiting();
    if (this.#place.exact) {
      this.#trouble.set("");
      this.#reporter.tellNext();
      this.#scheduler.leave();
    } else this.#scheduler.ask();
    // Frames evicted while the thumb was elsewhere may be asked for again.
    this.wantAgain();
    this.fill();
    this.changed();
  }

  /** Start the timer that calls `settle`, or start it again. */
  settleSoon() {
    this.#scheduler.restSoon();
  }

  /** Tell the kernel now where the thumb is, unless Python has just put it elsewhere. */
  tell() {
    this.follow();
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
   * A view came into sight or went out of it. Strips are decoded only while one is in sight.
   * @param {object} view
   * @param {boolean} [visible] left out when the view is gone
   */
  see(view, visible) {
    this.#views.set(view, visible);
    if (visible === undefined) this.#views.delete(view);
    if (visible && !this.#place.exact && !this.busy) this.settle();
    if (visible) this.fill();
    this.changed();
  }

  /** Ask for missing frames of the strips, unless some are on their way. */
  fill() {
    this.#scheduler.fill();
  }

  /** Let frames that the store has evicted be asked for again. */
  wantAgain() {
    this.#scheduler.forget();
  }

  /**
   * Make the next `fill()` ask for other strips at once: stop waiting for frames on their way, and
   * let evicted ones, and those whose errors stopped the strips, be asked for again.
   */
  wantOthers() {
    this.#scheduler.forget();
    this.#scheduler.resume();
    this.#scheduler.turn();
  }

  /**
   * Ask for the exact frame at coordinates other than the thumb's.
   * @param {string} name of the question; a newer one of this name replaces it
   * @param {number[]} at
   * @param {boolean} [fast] whether the frame may come uncompressed
   */
  askBeside(name, at, fast) {
    this.#mailbox.ask({ route: this.route, at }, { beside: name, fast });
  }

  /** What asks the kernel of places, beside their frames. */
  get mailbox() {
    return this.#mailbox;
  }

  /** @param {string} [message] left out when all is well again */
  fail(message = "") {
    this.#trouble.set(message);
    this.changed();
  }

  /** @param {string} message why a value that the page set is refused; empty when all is well again */
  refuse(message) {
    this.#trouble.refuse(message, this.#mailbox.seq);
    this.changed();
  }

  // What the kernel sends

  /** @param {StoredFrame[]} frames that have come */
  #take(frames) {
    // Open them at once, so that they are ready when the thumb reaches them.
    const ready = frames.filter((frame) => this.readied(frame));
    if (ready.some((frame) => this.isExact(frame))) this.#reporter.tellNext(this.#mailbox.local);
    this.changed();
  }

  /** @param {import("./replies.js").Answer} answer to a question of this page */
  #answered(answer) {
    const own = this.#mailbox.isOwn(answer);
    const done = answer.type === "frames" && answer.of === "ask" && !answer.more;
    if (answer.type === "error") this.fail(answer.message);
    else if (done && this.#trouble.isClearedBy(own, answer.seq)) this.fail();
    if (own) this.#scheduler.answered(answer);
  }

  /** The route has changed, or what decodes it: wait for nothing that was asked before. */
  enter() {
    this.follow();
    this.#scheduler.enter();
    this.settle();
  }
}
