import { unpacked } from "../decode_in_page/unpacked.js";
import { RecordedModel } from "../recorded/model.js";

const WORDS = {
  soon: "The decoder is being made ready: until then the pictures are those that were saved.",
  live: "Live: pictures that are not saved in this file are decoded here, wherever the controls are.",
  saved:
    "The pictures are those that were saved. To try once more, open the page again, or in another browser.",
};
/** What reading fails with where something is missing, is no JSON, no base64, or cannot be inflated. */
const DAMAGED = ["SyntaxError", "InvalidCharacterError", "TypeError"];

/**
 * What a kernel would answer to a question about its decoder. Buffers are in base64, and compressed as
 * zlib does it where they are packed.
 * @typedef {{ answer: Record<string, any>, buffers: string[], packed: boolean }} Told
 */

/**
 * Stands in for the model of a widget where there is no kernel, but a decoder: what the page asks of
 * it, the file answers. As long as the page decodes, a value may be any; where it cannot, only those
 * are shown that are recorded.
 */
export class LiveModel extends RecordedModel {
  #read;
  #say;
  /** The values of conditions that are recorded. */
  #conditions;
  /** @type {Parameters<RecordedModel["deliver"]> | undefined} */
  #recorded;
  /** Why the page does not decode; empty where it may. */
  #why = "";

  /**
   * @param {Record<string, any>} state
   * @param {number[][]} places the coordinates that are recorded, those of conditions included
   * @param {(part: string) => Told} read gives what the file answers, by what is asked for
   * @param {(words: string) => void} say tells a person who decodes
   */
  constructor(state, places, read, say) {
    super(
      state,
      places.map((at) => at.slice(0, at.length - state._conditions.length)),
    );
    this.#read = read;
    this.#say = say;
    this.#conditions = state.conditions;
  }

  get #live() {
    return this.get("runs_in") === "page";
  }

  /** @param {string} name */
  get(name) {
    if (name === "run") return this.#why ? "kernel" : "page";
    return super.get(name);
  }

  /** @param {string} name @param {any} value */
  set(name, value) {
    if (name === "runs_in") this.#heed(value);
    super.set(name, value);
  }

  /** @override */
  rest() {
    if (this.#live) return;
    super.rest();
    this.set("conditions", this.#conditions);
  }

  /** @override @param {any} message */
  send(message) {
    if (message.type === "decoder") this.#answer(message);
    else super.send(message);
  }

  /** @override @param {Parameters<RecordedModel["deliver"]>} recorded */
  deliver(...recorded) {
    this.#recorded = recorded;
    this.#say(WORDS.soon);
    super.deliver(...recorded);
  }

  /** The page says where it decodes. @param {string} where */
  #heed(where) {
    this.#why ||= where.split(": ").slice(1).join(": ");
    if (where === "page") this.#say(WORDS.live);
    if (!this.#why) return;
    this.#say(`Not live: ${this.#why.replace(/\.?$/, ".")} ${WORDS.saved}`);
    // Those that were decoded here have taken the place of some.
    if (this.#recorded) super.deliver(...this.#recorded);
    this.save_changes();
  }

  /** @param {any} question about the decoder */
  async #answer({ type, part, client, seq, route }) {
    const about = { type, of: type, client, seq, route };
    try {
      const { answer, views } = await this.#opened(part);
      // No kernel could be sooner.
      const never = { ms: Infinity, batch_ms: Infinity };
      this.tell("msg:custom", { ...answer, ...never, ...about }, views);
    } catch (error) {
      const { name, message: words } = /** @type {Error} */ (error);
      const damaged = DAMAGED.includes(name);
      const message = damaged ? "the decoder in this file is damaged." : words || name;
      this.tell("msg:custom", { ...about, type: "error", message }, []);
    }
  }

  /** Read what the file answers. @param {string} part */
  async #opened(part) {
    const { answer, buffers, packed } = this.#read(part);
    const bytes = buffers.map(bytesIn);
    const opened = packed ? bytes.map((one) => unpacked(one, "deflate")) : bytes;
    const views = (await Promise.all(opened)).map((one) => new DataView(one));
    return { answer, views };
  }
}

/** @param {string} data in base64: megabytes */
function bytesIn(data) {
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}
