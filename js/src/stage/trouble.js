/** What went wrong, and for how long the person is told. */
export class Trouble {
  #message = "";
  /** The number of the last question when the kernel refused what the page had set; else -1. */
  #refusedAt = -1;

  /** For the person to read; empty when all is well. */
  get message() {
    return this.#message;
  }

  /** @param {string} message empty when all is well again */
  set(message) {
    this.#message = message;
    this.#refusedAt = -1;
  }

  /**
   * The kernel refused what the page had set.
   * @param {string} message
   * @param {number} seq the number of the last question
   */
  refuse(message, seq) {
    this.#message = message;
    this.#refusedAt = seq;
  }

  /**
   * Whether the message can be taken away, now that an exact frame has come. After an error it can.
   * A refusal stays until the person has moved, so that there is time to read it: a frame that the
   * page asked for by itself, or before the refusal, does not take it away.
   * @param {boolean} own whether the page asked for the frame because the person moved
   * @param {number} seq the number of the question that the frame answers
   */
  endsWith(own, seq) {
    return this.#refusedAt < 0 || (own && seq > this.#refusedAt);
  }
}
