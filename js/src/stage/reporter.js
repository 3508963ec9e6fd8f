import { distance } from "../frames/store.js";

/** While the thumb moves, the kernel is told where it is this often. */
const REPORT_MS = 100;

/**
 * How a widget's model holds coordinates.
 * @typedef {object} Coordinates
 * @property {() => number[]} read the coordinates that the model holds
 * @property {(at: number[]) => void} write
 */

/** Tells the kernel where the person is, and takes in where Python has put them. */
export class Reporter {
  #place;
  #coordinates;
  #save;
  /** What the model held when we last looked. */
  #known;
  #timer = 0;

  /**
   * @param {import("./place.js").Place} place
   * @param {Coordinates} coordinates
   * @param {() => void} save sends what was written
   */
  constructor(place, coordinates, save) {
    this.#place = place;
    this.#coordinates = coordinates;
    this.#save = save;
    this.#known = place.at;
  }

  /** Tell the kernel soon: at most every so often, and never too late. */
  tellSoon() {
    this.#timer ||= setTimeout(() => this.tell(), REPORT_MS);
  }

  /** If something waits to be told, tell it right after the picture that is about to be painted. */
  tellNext() {
    if (this.#timer) setTimeout(() => this.tell());
  }

  /** Tell it now. */
  tell() {
    this.stop();
    const { at } = this.#place;
    if (distance(this.#coordinates.read(), at) === 0) return;
    this.#known = at;
    this.#coordinates.write(at);
    this.#save();
  }

  /**
   * The model holds these coordinates, and they are none of Python's doing.
   * @param {number[]} at
   */
  know(at) {
    this.#known = at;
  }

  /**
   * Go where Python has put the coordinates (what this page told the kernel is not sent back).
   * Those that the person has moved since, and the kernel has not heard of yet, stay.
   * @returns {boolean} whether Python has moved any
   */
  follow() {
    const at = this.#coordinates.read();
    const known = this.#known;
    if (at.join() === known.join()) return false;
    this.#known = at;
    const merge = this.#timer !== 0 && at.length === known.length;
    const mine = this.#place.at;
    this.#place.go(merge ? at.map((x, i) => (x === known[i] ? mine[i] : x)) : at);
    return true;
  }

  /** Do not tell what was to be told soon. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
