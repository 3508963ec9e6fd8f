import { Asker } from "./asker.js";
import { distance, FrameStore } from "./store.js";
import { nextPiece, stripLevels } from "./strip.js";

/** The thumb counts as at rest when it has not moved for this long. */
const REST_MS = 25;
/** A move after this long without one may well be a jump: its exact frame is asked for at once. */
const JUMP_MS = 150;
/** Where answers come faster than this, exact frames are asked for even while the thumb moves. */
const FAST_MS = 60;
/** While it plays, the kernel is told the coordinates this often. */
const REPORT_MS = 200;
/** A copy that takes longer than this has failed. */
const COPY_MS = 4000;
const MEGABYTE = 2 ** 20;

/**
 * What a message of the kernel may hold; `of` says which kind of question it answers.
 * @typedef {object} Answer
 * @property {string} type
 * @property {string} client
 * @property {number} seq
 * @property {string} line
 * @property {"ask" | "strip" | "latent"} of
 * @property {number[]} [at]
 * @property {{ at: number[], mime: string, lossless: boolean }[]} [frames]
 * @property {number} [ms]
 * @property {string} [message]
 * @property {string} [text]
 */

/**
 * What all views of one widget share: where the thumb is, the frames there are, what is asked.
 * Everything about coordinates and frames is here; views only show it.
 */
export class Stage {
  /**
   * @param {import("@anywidget/types").AnyModel} model
   * @param {AbortSignal} signal ends with the widget
   */
  constructor(model, signal) {
    this.model = model;
    this.client = Math.random().toString(36).slice(2);
    this.seq = 0;
    this.store = new FrameStore(model.get("frame_memory") * MEGABYTE);
    this.asker = new Asker((question) => this.send({ type: "ask", ...question }));
    /** @type {number | null} the strip question in flight */
    this.stripSeq = null;
    this.stripSince = 0;
    /** Milliseconds that one frame of a strip takes to decode. */
    this.frameMs = 5;
    this.stripFailed = false;
    this.error = "";
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Set<object>} views that a person can see */
    this.seen = new Set();
    this.restTimer = 0;
    this.placing = false;
    this.movedAt = 0;
    this.reported = 0;
    /** @type {Map<number, (text: string) => void>} */
    this.copies = new Map();
    /** What the exact frame last shown took to decode, in milliseconds. */
    this.decodeMs = 0;

    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
    model.on("change:_line", () => this.enter());
    model.on("change:value", () => this.follow());
    model.on("change:frame_memory", () => this.store.resize(model.get("frame_memory") * MEGABYTE));
    model.on("change:strip_length", () => this.fill());
    model.on("change:filmstrip", () => this.fill());
    signal.addEventListener("abort", () => {
      clearTimeout(this.restTimer);
      this.listeners.clear();
      this.store.clear();
    });
    this.takePicture(model.get("_picture"));
  }

  /** @returns {string} */
  get line() {
    return this.model.get("_line");
  }

  /** @returns {number[]} */
  get at() {
    return [this.model.get("value")];
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
   * The frame to show at some coordinates: the nearest that is ready. One that is nearer but
   * not ready is made so, and shown then.
   * @param {number[]} at
   */
  frameAt(at) {
    const nearest = this.store.nearest(this.line, at);
    if (!nearest) return undefined;
    if (nearest.bitmap) {
      this.store.ready(nearest);
      return nearest;
    }
    this.store.ready(nearest).then(
      () => this.changed(),
      () => this.fail("The browser could not open a picture that the kernel sent."),
    );
    return this.store.nearest(this.line, at, (frame) => frame.bitmap !== null);
  }

  /** @param {import("./store.js").StoredFrame} frame */
  isExact(frame) {
    return frame.lossless && frame.line === this.line && distance(frame.at, this.at) === 0;
  }

  /** Whether the store holds the exact frame for where the thumb is. */
  get exact() {
    const frame = this.store.get(this.line, this.at);
    return Boolean(frame?.lossless);
  }

  /**
   * The person moved.
   * @param {number} value
   * @param {{ rest?: boolean }} [options] `rest`: this is where they stay
   */
  move(value, { rest = false } = {}) {
    this.stripFailed = false;
    this.place(value);
    if (rest) this.settle({ moved: true });
    else {
      const now = performance.now();
      const jump = now - this.movedAt > JUMP_MS;
      this.movedAt = now;
      const worth = jump || this.asker.pace < FAST_MS || !this.store.nearest(this.line, this.at);
      this.asker.ask({ at: this.at, decode: worth && !this.exact, moved: true });
      this.settleSoon({ moved: true });
    }
    this.fill();
    this.changed();
  }

  /**
   * Playing moved on; frames of the strip are all it shows.
   * @param {number} value
   */
  play(value) {
    this.place(value);
    const now = performance.now();
    if (now - this.reported > REPORT_MS) {
      this.reported = now;
      this.asker.ask({ at: this.at, decode: false, moved: true });
    }
    this.fill();
    this.changed();
  }

  /** @param {number} value */
  place(value) {
    this.placing = true;
    this.model.set("value", value);
    this.placing = false;
  }

  /**
   * The thumb is at rest: the exact frame is wanted, or the kernel is told where it is.
   * @param {{ moved?: boolean }} [options] `moved`: the person moved it here
   */
  settle({ moved = false } = {}) {
    clearTimeout(this.restTimer);
    const decode = !this.exact;
    if (decode || moved) this.asker.ask({ at: this.at, decode, moved });
    this.changed();
  }

  /** @param {{ moved?: boolean }} [options] */
  settleSoon(options) {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.settle(options), REST_MS);
  }

  /** The value changed. Python is not told what it set itself: by then it may be elsewhere. */
  follow() {
    if (this.placing) return;
    if (!this.model.get("playing")) this.settleSoon();
    this.changed();
  }

  /** The coordinates mean something else now. */
  enter() {
    this.stripFailed = false;
    this.asker.pace = Number.POSITIVE_INFINITY;
    this.settle();
    this.fill();
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

  /** Ask for the next piece of the strip, if there is one and none is on its way. */
  fill() {
    const lost = performance.now() - this.stripSince > 30_000;
    if ((this.stripSeq !== null && !lost) || this.stripFailed || this.seen.size === 0) return;
    const positions = nextPiece(
      this.levels(),
      (t) => this.store.get(this.line, [t]) !== undefined,
      this.at[0],
      this.frameMs,
    );
    if (positions.length === 0) return;
    this.stripSince = performance.now();
    this.stripSeq = this.send({ type: "strip", positions: positions.map((t) => [t]) });
  }

  levels() {
    return stripLevels(this.model.get("strip_length"), this.filmstrip(), this.frameMs);
  }

  /** Where the pictures of the filmstrip are. */
  filmstrip() {
    const count = this.model.get("filmstrip");
    if (count === 1) return [0];
    return Array.from({ length: count }, (_, i) => i / (count - 1));
  }

  /**
   * The latent where the thumb is, as the kernel writes it.
   * @returns {Promise<string>}
   */
  latentText() {
    return new Promise((resolve, reject) => {
      const seq = this.send({ type: "latent", at: this.at });
      this.copies.set(seq, resolve);
      setTimeout(() => {
        if (this.copies.delete(seq)) reject(new Error("the kernel did not answer."));
      }, COPY_MS);
    });
  }

  /**
   * @param {Record<string, unknown>} content
   * @returns {number} the question's number
   */
  send(content) {
    this.seq += 1;
    this.model.send({ ...content, client: this.client, seq: this.seq, line: this.line });
    return this.seq;
  }

  /**
   * @param {Answer} answer
   * @param {DataView[]} buffers
   */
  receive(answer, buffers) {
    if (!answer || typeof answer !== "object" || typeof answer.of !== "string") return;
    const ours = answer.client === this.client;
    if (answer.of === "latent") {
      if (ours) this.copies.get(answer.seq)?.(answer.text ?? "");
      this.copies.delete(answer.seq);
      return;
    }
    if (answer.type === "frames") this.keep(answer, buffers);
    if (answer.of === "strip") {
      if (ours && answer.seq === this.stripSeq) this.stripSeq = null;
      if (ours && answer.type === "error") this.stripFailed = true;
      if (answer.ms !== undefined) this.frameMs = Math.max(0.1, answer.ms);
      this.fill();
    } else if (ours) {
      this.asker.answered(answer.seq);
    } else if (answer.at && answer.line === this.line) {
      this.model.set("value", answer.at[0]); // another page moved this widget
    }
    if (answer.type === "error") this.fail(answer.message ?? "");
    else if (answer.type === "frames" && answer.of === "ask") this.fail("");
    this.changed();
  }

  /**
   * @param {Answer} answer
   * @param {DataView[]} buffers
   */
  keep(answer, buffers) {
    const strip = answer.of === "strip";
    for (const [i, { at, mime, lossless }] of (answer.frames ?? []).entries()) {
      const blob = new Blob([/** @type {DataView<ArrayBuffer>} */ (buffers[i])], { type: mime });
      const { line, seq } = answer;
      const frame = this.store.put({ line, at, lossless, strip, seq, blob });
      // Opened at once, so that a thumb that comes by finds it ready.
      this.store.ready(frame).then(
        () => this.changed(),
        () => this.fail("The browser could not open a picture that the kernel sent."),
      );
      if (!strip) this.decodeMs = answer.ms ?? 0;
    }
  }

  /** @param {string} message empty when all is well again */
  fail(message) {
    this.error = message;
    this.changed();
  }

  /** @param {{ at: number[], line: string, mime: string, data: string } | null} picture */
  takePicture(picture) {
    if (!picture) return;
    const bytes = Uint8Array.from(atob(picture.data), (letter) => letter.charCodeAt(0));
    const blob = new Blob([bytes], { type: picture.mime });
    const { at, line } = picture;
    const frame = this.store.put({ line, at, lossless: true, strip: false, seq: 0, blob });
    this.store.ready(frame).then(() => this.changed());
  }
}
