import { decoderNamed } from "./decoder.js";

/** The page's decoder that a widget holds, until it lets go of it. */
export class HeldDecoder {
  /** Its name; empty while none is held. */
  name = "";
  #gpu = false;
  #use = new AbortController();

  /**
   * @param {string} code of the worker
   * @param {AbortSignal} signal ends with the widget, which then holds none any more
   */
  constructor(code, signal) {
    /** @readonly */
    this.code = code;
    /** @readonly */
    this.signal = signal;
  }

  /**
   * Hold a decoder, and no other.
   * @param {string} name
   * @param {boolean} gpu whether it runs on the GPU
   * @param {(ended: AbortSignal) => Promise<import("./worker.js").Made>} fetch gives what it is made of
   */
  hold(name, gpu, fetch) {
    this.signal.throwIfAborted();
    if (this.name !== name || this.#gpu !== gpu) this.release();
    this.name = name;
    this.#gpu = gpu;
    return decoderNamed(gpu ? `${name} on the GPU` : name, this.code, fetch, this.#use.signal);
  }

  /** Let go of it. */
  release() {
    this.#use.abort();
    this.#use = new AbortController();
    this.name = "";
  }
}
