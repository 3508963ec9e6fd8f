import { images } from "../frames/images.js";
import { sourceOf } from "../frames/pixels.js";
import { distance, FrameStore } from "../frames/store.js";
import { Asker } from "./asker.js";
import { Link } from "./link.js";
import { StripFiller } from "./strip.js";

/** The thumb counts as at rest when it has not moved for this long. */
const REST_MS = 25;
/** A move after this long without one may well be a jump: its exact frame is asked for at once. */
const JUMP_MS = 150;
/** Where answers come faster than this, a slow thumb is shown exact frames while it moves. */
const FAST_MS = 60;
/** A thumb is slow when it is near the same frame of the strip for this long. */
const SLOW_MS = 50;
/** While the thumb moves, the kernel is told where it is this often. */
const REPORT_MS = 100;
/** A copy that takes longer than this has failed. */
const COPY_MS = 4000;
const MEGABYTE = 2 ** 20;
const UNREACHED = "The kernel could not be reached. Run the cell again.";
const UNREADABLE = "The browser could not open a picture that the kernel sent.";

/**
 * What a message of the kernel may hold; `of` says which kind of question it answers;
 * "state" where the kernel refused what the page had set.
 * @typedef {object} Answer
 * @property {"frames" | "error" | "stale" | "latent"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} line
 * @property {"ask" | "strip" | "latent" | "state"} of
 * @property {{ at: number[], mime: string, lossless: boolean }[]} [frames]
 * @property {number | null} [ms] what decoding one of the frames took; null where all were kept
 * @property {number} sent when frames were sent, in milliseconds by the kernel's clock
 * @property {boolean} [more] whether more frames of the same strip follow
 * @property {string} [message]
 * @property {string} [text]
 */

/**
 * What sets one kind of widget apart: how its model writes coordinates, and what it wants ahead.
 * @typedef {object} Control
 * @property {() => number[]} read the coordinates that the model holds
 * @property {(at: number[]) => void} write
 * @property {(stage: Stage) => Iterable<import("./strip.js").Strip>} strips the strips worth having now, the most wanted first
 * @property {import("./strip.js").Piece} [piece] how much of them to ask for at a time
 */

/**
 * What all views of one widget share: where the thumb is, the frames there are, what is asked.
 * Everything about coordinates and frames is here; views only show it.
 */
export class Stage {
  /**
   * @param {import("@anywidget/types").AnyModel} model
   * @param {AbortSignal} signal ends with the widget
   * @param {Control} control
   * @param {import("../frames/kind.js").Kind} [kind] of what is shown
   * @param {FrameStore} [store]
   */
  constructor(model, signal, control, kind = images, store = new FrameStore(0, kind.open)) {
    this.model = model;
    this.control = control;
    this.kind = kind;
    this.client = Math.random().toString(36).slice(2);
    this.seq = 0;
    /** Where the thumbs are. The model hears of it a little later, see `report`. */
    this.at = control.read();
    /** What the model held when we last looked. */
    this.known = this.at;
    /** The control that is being moved, or was last: frames along it stand in for others. */
    this.axis = 0;
    this.store = store;
    this.store.resize(model.get("frame_memory") * MEGABYTE);
    this.link = new Link();
    this.asker = new Asker((question) =>
      this.send({ type: "ask", fast: this.link.fast, ...question }),
    );
    this.filler = new StripFiller(
      (positions) => this.send({ type: "strip", line: this.line, positions }),
      undefined,
      control.piece,
    );
    this.error = "";
    /** The number of the last question when what `error` tells was refused; -1 for other errors. */
    this.refusedAt = -1;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Set<object>} views that a person can see */
    this.seen = new Set();
    this.restTimer = 0;
    this.reportTimer = 0;
    this.movedAt = 0;
    /** @type {import("../frames/store.js").StoredFrame | undefined} */
    this.passed = undefined;
    this.passedAt = 0;
    /** @type {Map<number, (text: string | undefined) => void>} */
    this.copies = new Map();

    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
    model.on("change:_line", () => this.enter());
    model.on("change:value", () => this.follow());
    model.on("change:frame_memory", () => {
      this.store.resize(model.get("frame_memory") * MEGABYTE);
      this.filler.reset();
      this.fill();
    });
    model.on("change:strip_length", () => this.fill());
    signal.addEventListener("abort", () => {
      clearTimeout(this.restTimer);
      clearTimeout(this.reportTimer);
      this.asker.stop();
      this.listeners.clear();
      this.store.close();
    });
    this.takePicture(model.get("_picture"));
  }

  /** @returns {string} */
  get line() {
    return this.model.get("_line");
  }

  /**
   * Be told whenever what is shown may have changed.
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  listen(listener, signal) {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  /**
   * The frame to show where the thumb is: the nearest that is ready. One that is nearer but not
   * ready is made so, and shown then.
   */
  frame() {
    const nearest = this.nearest();
    if (!nearest || this.readied(nearest)) return nearest;
    return this.nearest((frame) => frame.bitmap !== null);
  }

  /** @param {(frame: import("../frames/store.js").StoredFrame) => boolean} [fits] */
  nearest(fits) {
    return this.store.nearest(this.line, this.at, fits, this.axis);
  }

  /**
   * Whether a frame is ready to be painted. One that is not is made so, and all are told then.
   * @param {import("../frames/store.js").StoredFrame} frame
   */
  readied(frame) {
    const ready = frame.bitmap !== null;
    this.store.ready(frame).then(
      () => {
        if (ready) return;
        this.changed();
        this.arrived(frame);
      },
      () => this.fail(UNREADABLE),
    );
    return ready;
  }

  /**
   * First the picture, then the rest: once the exact one is shown, the kernel is told.
   * @param {import("../frames/store.js").StoredFrame} frame
   */
  arrived(frame) {
    if (this.isExact(frame)) this.tellNext();
  }

  /** @param {import("../frames/store.js").StoredFrame} frame */
  isExact(frame) {
    return frame.lossless && frame.line === this.line && distance(frame.at, this.at) === 0;
  }

  /** Whether the store holds the exact frame for where the thumb is. */
  get exact() {
    return Boolean(this.store.get(this.line, this.at)?.lossless);
  }

  /**
   * The person moved.
   * @param {number[]} at
   * @param {{ rest?: boolean }} [options] `rest`: this is where they stay
   */
  move(at, { rest = false } = {}) {
    this.at = at;
    this.filler.resume();
    this.report();
    if (rest) this.settle();
    else {
      if (this.worthAsking() && !this.exact) this.ask();
      this.settleSoon();
      this.fill();
      this.changed();
    }
  }

  /** Whether an exact frame is worth asking for while the thumb still moves. */
  worthAsking() {
    const now = performance.now();
    const nearest = this.nearest((frame) => frame.strip);
    if (nearest !== this.passed) this.passedAt = now;
    this.passed = nearest;
    const jump = now - this.movedAt > JUMP_MS;
    const slow = now - this.passedAt > SLOW_MS;
    this.movedAt = now;
    return jump || !nearest || (slow && this.asker.pace < FAST_MS);
  }

  /** The thumb is at rest: the exact frame is wanted, and the kernel is told where it is. */
  settle() {
    clearTimeout(this.restTimer);
    if (this.exact) {
      this.error = "";
      // First the picture, then the rest.
      this.tellNext();
    } else this.ask();
    // Back where it was before, what was given up meanwhile is wanted again.
    this.filler.forget();
    this.fill();
    this.changed();
  }

  settleSoon() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.settle(), REST_MS);
  }

  ask() {
    this.asker.ask({ line: this.line, at: this.at });
  }

  /** Tell the kernel where the thumb is, soon: at most every so often, and never too late. */
  report() {
    this.reportTimer ||= setTimeout(() => this.tell(), REPORT_MS);
  }

  /** Tell it next, if it has not been told. */
  tellNext() {
    if (this.reportTimer) setTimeout(() => this.tell());
  }

  tell() {
    clearTimeout(this.reportTimer);
    this.reportTimer = 0;
    if (distance(this.control.read(), this.at) === 0) return;
    this.known = this.at;
    this.control.write(this.at);
    this.model.save_changes();
  }

  /**
   * Python changed the value (what this page told the kernel is not sent back). What the person
   * has moved since, and the kernel has not heard of yet, stays.
   */
  follow() {
    const at = this.control.read();
    const { known } = this;
    if (at.join() === known.join()) return;
    this.known = at;
    const merge = this.reportTimer !== 0 && at.length === known.length;
    this.at = merge ? at.map((x, i) => (x === known[i] ? this.at[i] : x)) : at;
    if (!this.model.get("playing")) this.settleSoon();
    this.changed();
  }

  /** The coordinates mean something else now. */
  enter() {
    this.follow();
    this.asker.pace = Infinity;
    this.asker.flight = null;
    this.filler.reset();
    this.settle();
  }

  /**
   * A view came into sight or went out of it: strips are decoded ahead for what is seen.
   * @param {object} view
   * @param {boolean} visible
   */
  see(view, visible) {
    if (visible) this.seen.add(view);
    else this.seen.delete(view);
    if (!visible) return;
    if (!this.exact && !this.asker.busy) this.settle();
    this.fill();
  }

  fill() {
    if (this.seen.size === 0) return;
    this.filler.fill(this.control.strips(this), (at) => this.has(at));
  }

  /** @param {number[]} at */
  has(at) {
    return Boolean(this.store.get(this.line, at));
  }

  /**
   * The latent where the thumb is, as the kernel writes it.
   * @returns {Promise<string>}
   */
  async latentText() {
    const seq = this.send({ type: "latent", line: this.line, at: this.at });
    const text = await new Promise((resolve) => {
      this.copies.set(seq, resolve);
      setTimeout(resolve, COPY_MS);
    });
    this.copies.delete(seq);
    if (!text) throw new Error("the kernel did not answer. Try again.");
    return text;
  }

  /**
   * @param {Record<string, unknown>} content
   * @returns {number} the question's number
   */
  send(content) {
    this.seq += 1;
    try {
      this.model.send({ client: this.client, ...content, seq: this.seq });
    } catch {
      // The frames that are here can be shown all the same.
      this.fail(UNREACHED);
    }
    return this.seq;
  }

  /**
   * @param {Answer} answer
   * @param {DataView[]} buffers
   */
  receive(answer, buffers) {
    if (typeof answer?.of !== "string") return;
    if (answer.of === "state") {
      this.fail(answer.message);
      this.refusedAt = this.seq;
      return;
    }
    const ours = answer.client === this.client;
    if (answer.of === "latent") {
      if (ours) this.copies.get(answer.seq)?.(answer.text);
      return;
    }
    const came = answer.type === "frames";
    if (came) {
      const bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
      this.link.took(bytes, Date.now() - answer.sent);
      this.keep(answer, buffers);
    }
    // Its own questions, and those it asks under a name of their own, are this page's.
    if (!answer.client.startsWith(this.client)) return;
    const asked = answer.of === "ask";
    if (answer.type === "error") this.fail(answer.message);
    else if (came && asked) {
      // A refusal stays until the person has moved on: the page also asks by itself.
      if (this.refusedAt < 0 || (ours && answer.seq > this.refusedAt)) this.fail();
    }
    if (!ours) return;
    if (asked) this.asker.answered(answer.seq, came);
    else {
      const arrived = (answer.frames ?? []).map(({ at }) => at);
      this.filler.answered(answer.seq, answer.type, answer.ms ?? null, arrived, answer.more);
      this.fill();
    }
  }

  /**
   * @param {Pick<Answer, "line" | "seq" | "of" | "frames" | "ms">} answer
   * @param {DataView[]} buffers
   */
  keep(answer, buffers) {
    const { line, seq } = answer;
    const strip = answer.of === "strip";
    // The most wanted last: where memory is short, it gives up what came first.
    for (const [i, { at, mime, lossless }] of [...(answer.frames ?? []).entries()].reverse()) {
      const source = sourceOf(/** @type {DataView<ArrayBuffer>} */ (buffers[i]), mime);
      const ms = answer.ms ?? 0;
      // Opened at once, so that a thumb that comes by finds it ready.
      const frame = this.store.put({ line, at, lossless, strip, seq, ms, source });
      if (this.readied(frame)) this.arrived(frame);
    }
    this.changed();
  }

  /** @param {string} [message] none when all is well again */
  fail(message = "") {
    this.error = message;
    this.refusedAt = -1;
    this.changed();
  }

  /** @param {{ at: number[], line: string, mime: string, data: string } | null} picture */
  takePicture(picture) {
    if (!picture) return;
    const bytes = Uint8Array.from(atob(picture.data), (letter) => letter.charCodeAt(0));
    const frames = [{ ...picture, lossless: true }];
    this.keep({ line: picture.line, seq: 0, of: "ask", frames }, [new DataView(bytes.buffer)]);
  }
}
