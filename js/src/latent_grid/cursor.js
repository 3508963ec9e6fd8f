/** The cell that keys move from, and the one that a block of chosen cells begins with. */
export class Cursor {
  #focused = 0;
  #anchor = 0;

  get focused() {
    return this.#focused;
  }

  get anchor() {
    return this.#anchor;
  }

  /** @param {number} index of the cell that has the focus now */
  focus(index) {
    this.#focused = index;
  }

  /** @param {number} index of the cell that the next block begins with */
  anchorAt(index) {
    this.#anchor = index;
  }

  /**
   * The cells are others now.
   * @param {number} count how many there are
   */
  restart(count) {
    this.#focused = Math.min(this.#focused, count - 1);
    this.#anchor = this.#focused;
  }
}
