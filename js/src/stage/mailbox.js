import { sourceOf } from "../frames/pixels.js";
import { Link } from "./link.js";
import { sent } from "./messages.js";
import { read } from "./replies.js";

/** How long to wait for what the kernel finds out only while it is idle. */
const IDLE_ANSWER_MS = 3_600_000;

/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */
/** @typedef {import("./replies.js").Answer} Answer */
/** @typedef {import("./replies.js").Said} Said */
/** @typedef {Exclude<import("./messages.js").PageMessage, import("./messages.js").ExplorerMessage>} Question */

/**
 * The functions that a mailbox calls when messages come, or when one could not be sent.
 * @typedef {object} Hearer
 * @property {(frames: StoredFrame[]) => void} kept frames that came have been put into the store
 * @property {(answer: import("./replies.js").Answer) => void} answered one of this page's questions for frames has an answer
 * @property {(message: string) => void} refused the kernel refused a value that the page had set
 * @property {() => void} unreached the kernel could not be reached
 */

/**
 * The picture that the saved state of a widget holds, so that a page can begin with it.
 * @typedef {object} FirstPicture
 * @property {number[]} at
 * @property {string} route
 * @property {string} mime
 * @property {string} data its bytes in base64
 * @property {false} [lossless]
 */

/**
 * Decodes in the page, in the kernel's place.
 * @typedef {object} Local
 * @property {string} route what it decodes
 * @property {(row: number) => Said["lines"] | undefined} [said] of a map: what is known of a latent
 * @property {string} gone what is said where it goes on without the kernel: in short, ":", and what that means
 * @property {boolean} prompt whether pictures come so soon that any move is worth one
 * @property {(question: Question, deliver: (answer: Answer, buffers: DataView[]) => void) => Promise<void> | null} answer null to what it does not know; where it fails, the kernel is asked
 * @property {(strips: Iterable<import("./strip.js").Strip>) => Iterable<import("./strip.js").Strip>} worth what is still worth decoding ahead
 */

/** Sends a page's questions, and puts the frames that come into the store. */
export class Mailbox {
  #model;
  #store;
  #hearer;
  /** Names the page in its main questions. Others add a suffix: neither kind replaces the other. */
  #client = Math.random().toString(36).slice(2);
  #seq = 0;
  #link = new Link();
  /** @type {Local | undefined} */
  #local;
  /** Why the kernel decodes, as words of the tooltip of its frames, where that is to be told. */
  where = "";
  /** What is said of frames that the page has made, in their tooltip. */
  here = "";
  /** Whether the kernel could not be reached when it was needed last. */
  #lost = false;
  /** @type {Map<number, (answer?: Answer & { buffers: DataView[] }) => void>} callbacks that await answers without frames, by question number */
  #waiting = new Map();

  /**
   * @param {import("@anywidget/types").AnyModel} model
   * @param {import("../frames/store.js").FrameStore} store
   * @param {Hearer} hearer
   */
  constructor(model, store, hearer) {
    this.#model = model;
    this.#store = store;
    this.#hearer = hearer;
    model.on("msg:custom", (content, buffers) => {
      this.#lost = false;
      this.#receive(content, buffers);
    });
    // Of ipywidgets, whose `set` gives the model itself: without a comm the kernel is gone or has
    // restarted, and answers nothing that it was asked before.
    const { set } = /** @type {any} */ (model);
    model.on(/** @type {any} */ ("comm_live_update"), () => set({})?.comm_live || this.#lose());
  }

  /** The number of the last question. */
  get seq() {
    return this.#seq;
  }

  /**
   * What answers questions for frames in the kernel's place. Of a route that is gone it is none.
   * @returns {Local | undefined}
   */
  get local() {
    return this.#local?.route === this.#model.get("_route") ? this.#local : undefined;
  }

  set local(local) {
    this.#local = local;
  }

  /** What to say where the kernel is gone, but the page decodes by itself; else nothing. */
  get gone() {
    return (this.#lost && this.local?.gone) || "";
  }

  #lose() {
    this.#lost = true;
    if (this.gone) this.#hearer.unreached();
    for (const done of this.#waiting.values()) done();
  }

  /** Whether the link from the kernel is so fast that frames need not be compressed. */
  get fast() {
    return this.#link.fast;
  }

  /**
   * Whether an answer belongs to a main question of this page: one without a suffix.
   * @param {import("./replies.js").Answer} answer
   */
  isOwn({ client }) {
    return client === this.#client;
  }

  /**
   * Ask for an exact frame.
   * @param {import("./asker.js").Wanted} question
   * @param {object} [how]
   * @param {string} [how.beside] a suffix for the client name, so that this question and the main one do not replace each other
   * @param {boolean} [how.fast] whether the frame may come uncompressed
   * @returns {number} the question's number
   */
  ask({ route, at }, { beside = "", fast = this.fast } = {}) {
    const client = beside ? `${this.#client}-${beside}` : this.#client;
    return this.#send({ type: "ask", client, seq: this.#next(), route, at, fast });
  }

  /**
   * Ask for frames along a control.
   * @param {string} route
   * @param {number[][]} positions
   * @param {boolean} drafts whether drafts are good enough
   * @param {string} [suffix] of the client, so that this question and the main ones do not replace each other
   * @returns {number} the question's number
   */
  askStrip(route, positions, drafts, suffix = "") {
    return this.#send({
      type: "strip",
      client: this.#client + suffix,
      seq: this.#next(),
      route,
      positions,
      drafts,
    });
  }

  /**
   * Have the kernel stop decoding the exact frame that was asked for last.
   * @param {string} route
   */
  stop(route) {
    this.#send({ type: "stop", client: this.#client, seq: this.#next(), route });
  }

  /**
   * Ask something that is answered without frames, and wait for the answer.
   * To "stop", which has what the same suffix asked for last made no further, no answer comes.
   * @param {Exclude<Question["type"], "ask" | "strip">} type
   * @param {import("./asker.js").Wanted} question
   * @param {object} [how]
   * @param {number} [how.ms] how long to wait
   * @param {string} [how.suffix] of the client, so that this question and others do not replace each other
   * @param {AbortSignal} [how.signal] ends the waiting
   * @param {boolean} [how.chance] of speeds, whether it is asked what chance does
   * @param {number} [how.axis] which direction is meant
   * @param {string} [how.part] what is asked for of a decoder
   * @param {string} [how.name] of the decoder
   * @param {number[][]} [how.positions] what other coordinates are meant
   * @param {number} [how.row] which of the data is meant
   * @param {string} [how.form] of a file to keep, as is the next
   * @param {number | null} [how.width]
   * @param {string | null} [how.along] the name of a direction
   * @param {number} [how.seconds] of a film, as is the next
   * @param {boolean} [how.captions]
   * @param {string} [how.data] a file that was dropped
   * @param {number[]} [how.start] of a pull, as are the next
   * @param {[number, number]} [how.grabbed]
   * @param {[number, number]} [how.to]
   * @param {[number, number]} [how.here]
   * @returns {Promise<any>} the answer, and `buffers` that came with it; undefined if the route has changed, or none came in time
   */
  async inquire(type, { route, at }, how = {}) {
    const { ms = IDLE_ANSWER_MS, suffix = `-${type}`, signal, ...more } = how;
    const question = { type, client: this.#client + suffix, seq: this.#next(), route, at, ...more };
    /** @type {Answer | undefined} */
    const answer = await new Promise((resolve) => {
      const end = () => done(undefined);
      const timer = setTimeout(end, ms);
      const done = (/** @type {any} */ answer) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end); // or it would hold the answer as long as it lives
        resolve(answer);
      };
      this.#waiting.set(question.seq, done);
      signal?.addEventListener("abort", end);
      if (!this.#post(/** @type {Question} */ (question))) done(undefined);
    });
    this.#waiting.delete(question.seq);
    if (answer?.type === "error") throw new Error(answer.message);
    return answer?.type === type ? answer : undefined;
  }

  /** Put what pictures there are of the saved state into the store. */
  takeFirstPicture() {
    /** @type {FirstPicture | FirstPicture[]} */
    const pictures = this.#model.get("_picture") ?? [];
    // The first is that of where the widget is. Like any other most wanted one it is put last.
    for (const { route, data, ...picture } of [pictures].flat().reverse()) {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const header = { lossless: true, draft: 0, ...picture };
      this.#keep({ route, strip: false, seq: 0, ms: 0 }, [header], [new DataView(bytes.buffer)]);
    }
  }

  #next() {
    this.#seq += 1;
    return this.#seq;
  }

  /** @param {Question} message */
  #send(message) {
    const answer = this.local?.answer(message, (...found) => this.#receive(...found, true));
    if (!answer) this.#post(message);
    answer?.catch(() => {
      // Nobody waits for what is of a route that is gone.
      if (message.route === this.#model.get("_route")) this.#post(message);
    });
    return message.seq;
  }

  /**
   * @param {Question} message
   * @returns {boolean} whether the kernel could be reached; the frames that are here can be shown all the same
   */
  #post(message) {
    this.#lost = !sent(this.#model, message);
    if (this.#lost) this.#hearer.unreached();
    return !this.#lost;
  }

  /**
   * @param {unknown} content
   * @param {DataView[]} buffers
   * @param {boolean} [here] whether the page itself has made it
   */
  #receive(content, buffers, here = false) {
    const message = read(content);
    if (!message) return;
    if (message.of === "state") {
      this.#hearer.refused(message.message);
      return;
    }
    if (message.of !== "ask" && message.of !== "strip") {
      if (message.client.startsWith(this.#client))
        this.#waiting.get(message.seq)?.({ ...message, buffers });
      return;
    }
    // Frames that another page asked for are as good as those of this one.
    if (message.type === "frames") {
      const { route, seq, ms, of, frames, sent } = message;
      const bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (sent) this.#link.took(bytes, Date.now() - sent); // else no kernel has sent it
      this.#keep({ route, strip: of === "strip", seq, ms: ms ?? 0, here }, frames, buffers);
    }
    // Questions beside the main ones have this page's client name and a suffix.
    if (message.client.startsWith(this.#client)) this.#hearer.answered(message);
  }

  /**
   * @param {Pick<StoredFrame, "route" | "strip" | "seq" | "ms" | "here">} about what all of them have in common
   * @param {import("./replies.js").FrameHeader[]} headers
   * @param {DataView[]} buffers
   */
  #keep(about, headers, buffers) {
    const frames = headers.map(({ at, mime, lossless, draft }, i) => {
      const source = sourceOf(/** @type {DataView<ArrayBuffer>} */ (buffers[i]), mime);
      return { ...about, at, lossless, draft, source };
    });
    // Put the most wanted last: when memory is short, the store evicts the oldest first.
    this.#hearer.kept(frames.reverse().map((frame) => this.#store.put(frame)));
  }
}
