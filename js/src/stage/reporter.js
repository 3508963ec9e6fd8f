import { distance } from "../frames/store.js";
import { saveAll } from "./save.js";

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
  #model;
  /** The coordinates that the model held when we last read or wrote them. */
  #held;
  /** The coordinates that this page has told, or been told. */
  #known;
  /** The coordinates to which somebody else has moved them last. */
  #told;
  /** How often Python had set each of them by then. */
  #placed;
  #timer = 0;

  /**
   * @param {import("./place.js").Place} place
   * @param {Coordinates} coordinates
   * @param {import("@anywidget/types").AnyModel} model
   */
  constructor(place, coordinates, model) {
    this.#place = place;
    this.#coordinates = coordinates;
    this.#model = model;
    this.#held = this.#known = this.#told = place.at;
    this.#placed = this.#counts;
  }

  /** Tell the kernel within REPORT_MS; calls until then are merged into one report. */
  tellSoon() {
    this.#timer ||= setTimeout(() => this.tell(), REPORT_MS);
  }

  /**
   * Send a pending report early: right after the picture that is about to be painted.
   * @param {unknown} [local] what decodes in the page, where that does: then every move has a picture, and the report waits
   */
  tellNext(local) {
    if (this.#timer && !local) setTimeout(() => this.tell());
  }

  /** Tell the kernel now. */
  tell() {
    this.stop();
    const { at } = this.#place;
    if (distance(this.#coordinates.read(), at) === 0) return;
    this.know(at);
    saveAll(this.#model, ["value", "conditions"], () => this.#coordinates.write(at));
  }

  /**
   * Note what the model holds, so that `follow` does not take it for a move by Python.
   * @param {number[]} at
   */
  know(at) {
    this.#held = this.#known = at;
  }

  /** How often Python has set each coordinate. @returns {number[]} */
  get #counts() {
    return (this.#model.get("_placed") ?? []).slice(1);
  }

  /**
   * Go where Python has put the coordinates; what this page wrote itself is ignored. What Python has
   * set is taken even where it is what the model held before: the person may have moved since. Of
   * those that this page has moved, what else that message says may be older: they stay where they
   * are, and the kernel is told so again.
   * @returns {boolean} whether anybody else has moved any
   */
  follow() {
    const at = this.#coordinates.read();
    const held = this.#held;
    const known = this.#known;
    const told = this.#told;
    const mine = this.#place.at;
    const counts = this.#counts;
    const same = at.length === known.length;
    const placed = at.map((_, i) => !same || counts[i] > (this.#placed[i] ?? 0));
    const any = placed.includes(true);
    const isNews = at.map(
      (x, i) => placed[i] || (x !== held[i] && x !== known[i] && !(any && mine[i] !== told[i])),
    );
    /** @param {number[]} others */
    const orElse = (others) => at.map((x, i) => (isNews[i] ? x : others[i]));
    this.#placed = counts;
    this.#held = at;
    if (!isNews.includes(true)) return false;
    this.#known = orElse(known);
    this.#told = orElse(told);
    this.#place.go(orElse(mine));
    if (distance(at, this.#place.at)) this.tellSoon();
    return true;
  }

  /** Cancel the pending report. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
