import { StandIn } from "./stand_in.js";

/** Once nobody has moved for so long, a control goes to a place that is recorded. */
const REST_MS = 250;
/** What a person reads who asks for what only a kernel can make. */
const NO_KERNEL = "this saved page has no kernel to make it.";

/** @typedef {number | number[] | Record<string, number>} Value */

/**
 * The coordinates that a widget's value holds.
 * @param {Value} value
 * @param {string[]} names in the order of the coordinates, where they have any
 * @returns {number[]}
 */
export function coordinatesOf(value, names) {
  if (typeof value === "number") return [value];
  return Array.isArray(value) ? value : names.map((name) => value[name]);
}

/**
 * A value like another one, for other coordinates.
 * @param {Value} value
 * @param {string[]} names
 * @param {number[]} at
 * @returns {Value}
 */
export function valueLike(value, names, at) {
  if (typeof value === "number") return at[0];
  if (Array.isArray(value)) return at;
  return Object.fromEntries(names.map((name, i) => [name, at[i]]));
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
 * The nearest place in the direction of a move: a step by a key may be shorter than the way to it.
 * @param {number[][]} places
 * @param {number[]} from
 * @param {number[]} at
 * @returns {number[]}
 */
export function nextPlace(places, from, at) {
  const ahead = places.filter((place) =>
    at.every((x, i) => Math.sign(x - from[i]) === Math.sign(place[i] - from[i])),
  );
  return nearestPlace(ahead.length > 0 ? ahead : places, at);
}

/**
 * Stands in for the model of a widget of which there are frames. A value that is not recorded becomes
 * one that is once the person rests: the nearest, or after a key the next.
 */
export class RecordedModel extends StandIn {
  #places;
  #timer = 0;
  /** Whether a pointer is down, and whether one was since the last rest. */
  #held = false;
  #pointed = false;
  /** The recorded place where it rested last. */
  #from;

  /**
   * @param {Record<string, any>} state
   * @param {number[][]} places the coordinates that are recorded
   */
  constructor(state, places) {
    super(state);
    // That of no coordinates is the picture before any edit: nobody can go there.
    this.#places = places.filter((at) => at.length);
    this.#from = this.#at;
    const held = { pointerdown: true, pointerup: false, pointercancel: false };
    for (const [type, down] of Object.entries(held)) {
      addEventListener(type, () => this.#hold(down), true); // before those who stop it
    }
    // What a person does now reaches the value a little later: the rest begins anew.
    for (const type of ["keydown", "input"]) {
      addEventListener(type, (event) => this.#touch(event), true); // before those who stop it
    }
  }

  get #names() {
    const rows = /** @type {{ name: string }[]} */ (this.get("_rows") ?? []);
    return rows.map(({ name }) => name);
  }

  get #at() {
    return coordinatesOf(this.get("value"), this.#names);
  }

  /** @override @param {string} name @param {any[]} about */
  tell(name, ...about) {
    if (name === "change:value") this.#pass();
    super.tell(name, ...about);
  }

  /** @override The page has moved: nothing is saved, but the value goes to what is recorded. */
  save_changes() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#held || this.get("playing") || this.rest(), REST_MS);
  }

  /**
   * What a person waits for is answered: there is no kernel. Strips are all here, and what is asked
   * while idle is not shown.
   * @override
   * @param {any} message
   */
  send({ type: of, client, seq, route }) {
    const said =
      of === "latent" ? { type: "error", message: NO_KERNEL } : of === "ask" && { type: "stale" };
    if (said) setTimeout(() => this.tell("msg:custom", { of, client, seq, route, ...said }, []));
  }

  /**
   * Hand on all frames, as a kernel would send them.
   * @param {import("../stage/replies.js").FrameHeader[]} frames
   * @param {DataView[]} buffers
   */
  deliver(frames, buffers) {
    const route = this.get("_route");
    const answer = { type: "frames", of: "strip", client: "", seq: 0, route, frames, ms: null };
    this.tell("msg:custom", { ...answer, more: false, sent: 0 }, buffers);
  }

  /** @param {boolean} held whether a pointer holds a control */
  #hold(held) {
    this.#held = held;
    this.#pointed = true;
    this.save_changes();
  }

  /** @param {Event} event of a key, or of a control */
  #touch({ target }) {
    // Of a number that is typed the nearest place is meant, not the next.
    if (target instanceof HTMLInputElement && target.type === "number") this.#pointed = true;
    this.save_changes();
  }

  /** Remember the place, where it is a recorded one: the next move is from there. */
  #pass() {
    const here = this.#at.join();
    this.#from = this.#places.find((place) => place.join() === here) ?? this.#from;
  }

  /** Nobody moves: go to what is recorded. */
  rest() {
    const at = this.#at;
    this.#from = this.#pointed
      ? nearestPlace(this.#places, at)
      : nextPlace(this.#places, this.#from, at);
    this.#pointed = false;
    this.set("value", valueLike(this.get("value"), this.#names, this.#from));
  }
}
