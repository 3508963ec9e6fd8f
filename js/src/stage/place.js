import { distance } from "../frames/store.js";

/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */

/** Where the person is, and which of the frames in the store belong there. */
export class Place {
  #model;
  #store;
  #at;
  #axis = 0;

  /**
   * @param {import("@anywidget/types").AnyModel} model
   * @param {import("../frames/store.js").FrameStore} store
   * @param {number[]} at
   */
  constructor(model, store, at) {
    this.#model = model;
    this.#store = store;
    this.#at = at;
  }

  /**
   * The name of the current route, which says what the coordinates mean.
   * @returns {string}
   */
  get route() {
    return this.#model.get("_route");
  }

  /** The coordinates. */
  get at() {
    return this.#at;
  }

  /** Which coordinate is being moved, or was last. */
  get axis() {
    return this.#axis;
  }

  /** @param {number[]} at */
  go(at) {
    this.#at = at;
    if (this.#axis >= at.length) this.#axis = 0;
  }

  /** @param {number} axis */
  grab(axis) {
    this.#axis = axis;
  }

  /**
   * The nearest frame of those that fit. Frames that differ only along the slider that is being
   * moved count as nearer than all others. A frame of another choice of a condition is near to none.
   * @param {(frame: StoredFrame) => boolean} [fits]
   */
  nearest(fits = () => true) {
    /** @type {{ choices?: unknown[] }[]} */
    const abouts = this.#model.get("_conditions") ?? [];
    const first = this.#at.length - abouts.length;
    const chosen = abouts.flatMap(({ choices }, i) => (choices ? [first + i] : []));
    const same = (/** @type {StoredFrame} */ { at }) => chosen.every((i) => at[i] === this.#at[i]);
    const both = (/** @type {StoredFrame} */ frame) => same(frame) && fits(frame);
    return this.#store.nearest(this.route, this.#at, both, this.#axis);
  }

  /**
   * Whether a frame is the exact one for this place.
   * @param {StoredFrame} frame
   */
  isExact(frame) {
    return frame.lossless && frame.route === this.route && distance(frame.at, this.#at) === 0;
  }

  /** Whether the store has the exact frame for this place. */
  get exact() {
    return Boolean(this.#store.get(this.route, this.#at)?.lossless);
  }

  /**
   * Whether the store has any frame at some coordinates of the route.
   * @param {number[]} at
   */
  has(at) {
    return Boolean(this.#store.get(this.route, at));
  }

  /**
   * Whether the store has a finished frame at some coordinates of the route.
   * @param {number[]} at
   */
  hasWhole(at) {
    return this.#store.get(this.route, at)?.draft === 0;
  }
}
