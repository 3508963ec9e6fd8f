/** Once nobody has moved for so long, a control goes to the nearest place that is recorded. */
const REST_MS = 150;
/** What a person reads who asks for what only a kernel can make. */
const NO_KERNEL = "this saved page has no kernel to make it.";

/** @typedef {(...args: any[]) => void} Hearer */
/** @typedef {number | number[] | Record<string, number>} Value */

/**
 * The coordinates that a widget's value holds.
 * @param {Value} value
 * @returns {number[]}
 */
export function coordinatesOf(value) {
  if (typeof value === "number") return [value];
  return Array.isArray(value) ? value : Object.values(value);
}

/**
 * A value like another one, for other coordinates.
 * @param {Value} value
 * @param {number[]} at
 * @returns {Value}
 */
export function valueLike(value, at) {
  if (typeof value === "number") return at[0];
  if (Array.isArray(value)) return at;
  return Object.fromEntries(Object.keys(value).map((name, i) => [name, at[i]]));
}

/**
 * The place that is nearest, each coordinate measured by how far the places reach along it.
 * @param {number[][]} places
 * @param {number[]} at
 * @returns {number[]}
 */
export function nearestPlace(places, at) {
  const spans = at.map((_, i) => {
    const along = places.map((place) => place[i]);
    return Math.max(...along) - Math.min(...along) || 1;
  });
  let best = places[0];
  let least = Infinity;
  for (const place of places) {
    const gap = place.reduce((sum, x, i) => sum + ((x - at[i]) / spans[i]) ** 2, 0);
    if (gap < least) [best, least] = [place, gap];
  }
  return best;
}

/**
 * Stands in for the model of a widget where there is no kernel. It holds what the widget held, and a
 * value that is not recorded becomes the nearest that is, once the person rests.
 */
export class RecordedModel {
  #state;
  #places;
  /** @type {Map<string, Set<Hearer>>} */
  #hearers = new Map();
  #timer = 0;
  #held = false;

  /**
   * @param {Record<string, any>} state
   * @param {number[][]} places the coordinates that are recorded
   */
  constructor(state, places) {
    this.#state = { ...state };
    this.#places = places;
    for (const [type, held] of /** @type {const} */ ([
      ["pointerdown", true],
      ["pointerup", false],
      ["pointercancel", false],
    ])) {
      addEventListener(type, () => this.#hold(held), { capture: true });
    }
  }

  /** @param {string} name */
  get(name) {
    return this.#state[name];
  }

  /** @param {string} name @param {any} value */
  set(name, value) {
    if (JSON.stringify(this.#state[name]) === JSON.stringify(value)) return;
    this.#state[name] = value;
    this.#tell(`change:${name}`);
    this.#tell("change");
  }

  /** The page has moved: nothing is saved, but the value goes to what is recorded. */
  save_changes() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), REST_MS);
  }

  /**
   * What is asked of a kernel is not answered, but for what a person waits for.
   * @param {any} message
   */
  send({ type, client, seq, route }) {
    if (type !== "latent") return;
    const answer = { type: "error", of: type, client, seq, route, message: NO_KERNEL };
    setTimeout(() => this.#tell("msg:custom", answer, []));
  }

  /**
   * Hand on all frames, as a kernel would send them.
   * @param {import("../stage/replies.js").FrameHeader[]} frames
   * @param {DataView[]} buffers
   */
  deliver(frames, buffers) {
    const about = { type: "frames", of: "strip", client: "", seq: 0, route: this.get("_route") };
    this.#tell("msg:custom", { ...about, frames, ms: null, more: false, sent: 0 }, buffers);
  }

  /** @param {string} name @param {Hearer} hearer */
  on(name, hearer) {
    const hearers = this.#hearers.get(name) ?? new Set();
    this.#hearers.set(name, hearers.add(hearer));
  }

  /** @param {string} name @param {Hearer} hearer */
  off(name, hearer) {
    this.#hearers.get(name)?.delete(hearer);
  }

  /** @param {string} name @param {any[]} about */
  #tell(name, ...about) {
    for (const hearer of [...(this.#hearers.get(name) ?? [])]) hearer(...about);
  }

  /** @param {boolean} held whether a pointer holds a control */
  #hold(held) {
    this.#held = held;
    if (!held) this.save_changes();
  }

  #settle() {
    if (this.#held || this.get("playing")) return;
    const value = this.get("value");
    this.set("value", valueLike(value, nearestPlace(this.#places, coordinatesOf(value))));
  }
}
