import { atEnd } from "../dom/element.js";
import { NEWS } from "./watched.js";

/** What pictures of the kernel take beside being decoded, where it is on the same machine. */
export const WAY_MS = 35;
/** A strip is the kernel's where it takes so many times as long here. */
const MUCH_LONGER = 2;
/** A kernel that gives nothing for so long is busy, or gone: what it was asked is made here after all. */
const SILENT_MS = 1000;

/** @typedef {{ of: string, client: string, seq: number, more?: boolean, frames?: unknown[] }} Heard an answer of the kernel */
/** @typedef {{ seq: number, since: number, made: number, instead: () => void, timer: number }} Left */

/** What was left to the kernel, how fast that is, and what becomes of it where nothing comes. */
export class LeftToKernel {
  /** Whether the kernel has let something wait. */
  silent = false;
  /** @type {Map<string, Left>} what it was asked for last, of each kind and client */
  #left = new Map();
  #kernel;

  /**
   * @param {number} kernel milliseconds that it takes for one of many
   * @param {AbortSignal} signal
   */
  constructor(kernel, signal) {
    this.#kernel = kernel;
    atEnd(signal, () => {
      for (const { timer } of this.#left.values()) clearTimeout(timer);
    });
  }

  /**
   * Whether it is much faster, which makes many in a batch.
   * @param {number} count
   * @param {number} pace milliseconds that a picture takes here
   */
  isFaster(count, pace) {
    return count * pace > MUCH_LONGER * (WAY_MS + count * this.#kernel);
  }

  /** Leave something to it, as long as it answers. @param {any} question @param {() => void} make makes it here */
  leave(question, make) {
    const instead = () => {
      this.silent = true;
      make();
    };
    const { seq } = question;
    const one = { seq, since: performance.now(), made: 0, instead, timer: 0 };
    one.timer = setTimeout(instead, SILENT_MS);
    this.#left.set(nameOf(question.type, question), one);
  }

  /**
   * What is asked now takes the place of what was left of that kind.
   * @param {any} question
   * @returns {boolean} whether anything was
   */
  replace(question) {
    const what = nameOf(question.type, question);
    clearTimeout(this.#left.get(what)?.timer);
    return this.#left.delete(what);
  }

  /** It answers after all. @param {Heard} answer @returns {boolean} whether to what was left last */
  heard(answer) {
    this.silent = false;
    const { of, seq, more, frames = [] } = answer;
    const what = nameOf(of, answer);
    const one = this.#left.get(what);
    if (one?.seq !== seq) return false;
    clearTimeout(one.timer);
    if (more) one.timer = setTimeout(one.instead, SILENT_MS);
    else this.#left.delete(what);
    one.made += frames.length;
    if (of === "strip" && one.made > 0) this.#learn(one);
    return true;
  }

  /** Learn how long it takes: how long frames were on the way counts too. @param {Left} one */
  #learn({ since, made }) {
    const took = Math.max(0, performance.now() - since - WAY_MS) / made;
    this.#kernel = (1 - NEWS) * this.#kernel + NEWS * took;
  }
}

/** @param {string} kind @param {{ client: string }} question */
function nameOf(kind, { client }) {
  return `${kind} ${client}`;
}
