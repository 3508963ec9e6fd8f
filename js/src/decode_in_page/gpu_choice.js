import { probeGpu } from "./decoder.js";
import { unless } from "./unless.js";

/** Whether a widget's decoder runs on the GPU, and why not, where a person wants that. */
export class GpuChoice {
  /** Whether it runs there, or is about to. */
  used = false;
  /** Why it does not, though it is wanted. */
  why = "";
  #code;

  /** @param {string} code of the worker */
  constructor(code) {
    this.#code = code;
  }

  /**
   * Find out whether it can run there.
   * @param {boolean} wanted
   * @param {AbortSignal} ended
   */
  async choose(wanted, ended) {
    if (!wanted || this.why) return;
    try {
      await unless(ended, probeGpu(this.#code));
      this.used = true;
    } catch (error) {
      if (ended.aborted) throw error;
      this.why = /** @type {Error} */ (error).message;
    }
  }

  /** It was tried, and cannot run there. @param {string} why */
  giveUp(why) {
    this.used = false;
    this.why = `with it, ${why}`;
  }

  /** What was wrong there may be so no more. */
  forget() {
    this.why = "";
  }
}
