import { distance } from "../frames/store.js";

/** While the thumb moves, its coordinates are sent to the kernel this often. */
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
  /** The coordinates that the model held when we last read or wrote them. */
  #known;
  #timer = 0;

  /**
   * @param {import("./place.js").Place} place
   * @param {Coordinates} coordinates
   * @param {() => void} save sends to the kernel what was written
   */
  constructor(place, coordinates, save) {
    this.#place = place;
    this.#coordinates = coordinates;
    this.#save = save;
    this.#known = place.at;
  }

  /** Tell the kernel within REPORT_MS; calls until then are merged into one report. */
  tellSoon() {
    this.#timer ||= setTimeout(() => this.tell(), REPORT_MS);
  }

  /** Send a pending report early: right after the picture that is about to be painted. */
  tellNext() {
    if (this.#timer) setTimeout(() => this.tell());
  }

  /** Tell the kernel now. */
  tell() {
    this.stop();
    const { at } = this.#place;
    if (distance(this.#coordinates.read(), at) === 0) return;
    this.#known = at;
    this.#coordinates.write(at);
    this.#save();
  }

  /**
   * Note what the model holds, so that `follow` does not take it for a move by Python.
   * @param {number[]} at
   */
  know(at) {
    this.#known = at;
  }

  /**
   * Go where Python has put the coordinates; what this page wrote itself is ignored. While a report
   * is pending, only coordinates that Python changed are taken: the person may have moved others.
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

  /** Cancel the pending report. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
