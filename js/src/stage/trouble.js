/** The message that tells the person what went wrong, and how long it stays. */
export class Trouble {
  #message = "";
  /** The number of the last question before a refusal; -1 if the message is not a refusal. */
  #refusedAt = -1;

  /** The message; empty when all is well. */
  get message() {
    return this.#message;
  }

  /** @param {string} message empty when all is well again */
  set(message) {
    this.#message = message;
    this.#refusedAt = -1;
  }

  /**
   * Show why a value that the person gave is refused.
   * @param {string} message
   * @param {number} seq the number of the last question
   */
  refuse(message, seq) {
    this.#message = message;
    this.#refusedAt = seq;
  }

  /**
   * Whether an exact frame that has come clears the message. It clears any error. A refusal must
   * stay long enough to be read: only the answer to a main question asked after it clears it.
   * @param {boolean} own whether the frame answers a main question, see `Mailbox.isOwn`
   * @param {number} seq the number of the question that the frame answers
   */
  isClearedBy(own, seq) {
    return this.#refusedAt < 0 || (own && seq > this.#refusedAt);
  }
}
