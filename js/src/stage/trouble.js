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
   * Whether an exact frame that has come shows that all is well again. A refusal is told until the
   * person has moved on, which asks for another frame; what the page asks by itself does not count.
   * @param {boolean} own whether the page asked for the frame because of the person
   * @param {number} seq the number of the question
   */
  endsWith(own, seq) {
    return this.#refusedAt < 0 || (own && seq > this.#refusedAt);
  }
}
