import { atEnd } from "../dom/element.js";
import { keptFor, refuseFrom, throwRefusal } from "./kept.js";
import { unless } from "./unless.js";

/** A decoder that gives no picture for so long never will. Pages wait longer for no frame. */
const DECODE_MS = 5000;
/** How long one may take to be made: its code is compiled, and its network read. */
const MAKE_MS = 60_000;
/** How long the page may take to say what it can, or whether it finds a GPU. */
const PROBE_MS = 30_000;
/** One that was not used for so long ends its worker, which holds much memory, until it is again. */
const ASLEEP_MS = 180_000;
/** What a page that forbids workers tells us is that, and nothing else. */
const SILENT = "its worker could not start: the page may forbid workers.";
/** So many have a worker at a time, unless more are in use. */
const MOST_AWAKE = 4;
/** One that was used within this time is in use. */
const IN_USE_MS = 10_000;

/** @typedef {import("./worker.js").Made} Made */
/** @typedef {import("./worker.js").Done} Done */
/** @typedef {import("./worker.js").Task} Task */

/**
 * A decoder in a worker of its own.
 */
export class Decoder {
  #code;
  #awake;
  /** @type {Made | undefined} what it is made of, once it was */
  #made;
  /** @type {Worker | undefined} none while it sleeps */
  #worker;
  #url = "";
  #used = 0;
  #timer = 0;
  #making = false;
  /** Whether its next picture is the first: a GPU's programs are compiled for that. */
  #first = false;
  #count = 0;
  #end = new AbortController();
  /** @type {Map<number, (done: Done) => void>} what awaits an answer, by the number of its task */
  #waiting = new Map();

  /** @param {string} code of the worker */
  constructor(code) {
    this.#code = code;
    this.#awake = keptFor(code).awake;
    this.#open();
  }

  /** Ends when it can decode no more; its reason says why. */
  get ended() {
    return this.#end.signal;
  }

  /** @param {Made} made what it is made of */
  async make(made) {
    this.#made = made;
    this.#first = made.gpu === true;
    this.#making = true;
    const { error } = await this.#answer({ made }, MAKE_MS);
    this.#making = false;
    URL.revokeObjectURL(this.#url); // its code has been read
    if (error) throw new Error(error);
  }

  /**
   * @param {Omit<Task, "id">} task
   * @param {number} [ms] how long it may take
   * @returns {Promise<Done>}
   */
  async ask(task, ms = DECODE_MS) {
    this.ended.throwIfAborted();
    this.wake();
    const done = await this.#answer(task, this.#making || this.#first ? MAKE_MS : ms);
    this.#first = false;
    if (done.error) throw new Error(done.error);
    return done;
  }

  /** Whether nothing is decoded at once, since it sleeps or is being made. */
  get asleep() {
    return !this.#worker || this.#making;
  }

  /** Have a worker make it again, unless one has or does: what is asked meanwhile waits for that. */
  wake() {
    if (this.#worker || this.ended.aborted) return;
    this.#open();
    const made = /** @type {Made} */ (this.#made);
    this.make(made).catch((error) => this.end(error.message));
  }

  /** End its worker until it is asked again, unless it is in use. */
  sleep() {
    if (this.#waiting.size > 0 || performance.now() - this.#used < IN_USE_MS) return;
    this.#close();
  }

  /** @param {string} why */
  end(why) {
    this.#close();
    this.#end.abort(new Error(why));
  }

  #open() {
    const script = starting(this.#code);
    this.#url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    try {
      this.#worker = new Worker(this.#url);
    } catch (error) {
      URL.revokeObjectURL(this.#url); // the page forbids workers
      throw error;
    }
    this.#worker.onmessage = ({ data }) => this.#waiting.get(data.id)?.(data);
    this.#worker.onerror = ({ message }) => this.end(message || SILENT);
  }

  #close() {
    this.#worker?.terminate();
    this.#worker = undefined;
    URL.revokeObjectURL(this.#url);
    clearTimeout(this.#timer);
    this.#awake.delete(this);
  }

  /** Note that it is used; too many others that are not have to sleep. */
  #use() {
    clearTimeout(this.#timer);
    this.#used = performance.now();
    const awake = this.#awake;
    awake.delete(this);
    awake.add(this);
    for (const one of [...awake].slice(0, -MOST_AWAKE)) one.sleep();
  }

  /**
   * @param {Omit<Task, "id">} task
   * @param {number} ms
   * @returns {Promise<Done>}
   */
  async #answer(task, ms) {
    this.#use();
    this.#count += 1;
    const id = this.#count;
    this.#worker?.postMessage({ ...task, id });
    const timer = setTimeout(() => this.end(`it gave nothing for ${ms / 1000} seconds`), ms);
    try {
      return await unless(
        this.ended,
        new Promise((/** @type {(done: Done) => void} */ resolve) => {
          this.#waiting.set(id, resolve);
        }),
      );
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
      if (this.#worker && this.#waiting.size === 0) {
        this.#timer = setTimeout(() => this.#close(), ASLEEP_MS);
      }
    }
  }
}

/**
 * A script that runs a module. Of a page that was opened from disk no module can be a worker, but a
 * worker can import one that it has made itself; what is asked meanwhile waits.
 * @param {string} code of the module
 */
function starting(code) {
  return `const early = [];
onmessage = (event) => early.push(event);
const url = URL.createObjectURL(new Blob([${JSON.stringify(code)}], { type: "text/javascript" }));
import(url).then(
  () => early.forEach((event) => onmessage(event)),
  (error) => setTimeout(() => { throw error; }),
);`;
}

/**
 * Find out, once a page, whether it can run decoders: it fails where it forbids what they need.
 * @param {string} code of the worker
 */
export const probePage = (code) => probe(code, "page");

/**
 * Find out, once a page, whether they can run on a GPU: it fails where they cannot.
 * @param {string} code of the worker
 */
export const probeGpu = (code) => probe(code, "gpu");

/** @param {string} code @param {"page" | "gpu"} what */
async function probe(code, what) {
  throwRefusal(code, what);
  const { abilities } = keptFor(code);
  const ability = abilities.get(what) ?? probed(code, what);
  abilities.set(what, ability);
  try {
    await ability;
  } catch (error) {
    abilities.delete(what);
    refuseFrom(code, what, /** @type {Error} */ (error));
    throw error;
  }
}

/** @param {string} code @param {"page" | "gpu"} what */
async function probed(code, what) {
  const decoder = new Decoder(code);
  try {
    await decoder.ask({ probe: what }, PROBE_MS);
  } finally {
    decoder.end("it has told what it can");
  }
}

/**
 * @typedef {object} Shared
 * @property {Set<AbortSignal>} users who decode with it, until their signals end
 * @property {AbortController} use ends with the last of them
 * @property {AbortSignal} maker who fetches what it is made of
 * @property {boolean} fetched whether that is here
 * @property {Promise<Decoder>} decoder
 */

/**
 * Give the page's decoder of a name: the first widget that needs one makes it, the last ends it.
 * Where the first could not fetch what it is made of, or is gone, the next one does. It fails at once
 * where it could not be made before, or has broken.
 * @param {string} name
 * @param {string} code of the worker
 * @param {(ended: AbortSignal) => Promise<Made>} fetch gives what it is made of
 * @param {AbortSignal} signal when it is no longer needed
 * @returns {Promise<Decoder>}
 */
export async function decoderNamed(name, code, fetch, signal) {
  throwRefusal(code, name);
  /** @type {Map<string, Shared>} */
  const decoders = keptFor(code).decoders;
  for (;;) {
    const shared = decoders.get(name) ?? started(name, code, fetch, signal);
    join(shared, signal);
    try {
      return await unless(signal, shared.decoder);
    } catch (error) {
      if (signal.aborted || shared.fetched || shared.maker === signal) throw error;
    }
  }
}

/**
 * @param {string} name
 * @param {string} code
 * @param {(ended: AbortSignal) => Promise<Made>} fetch
 * @param {AbortSignal} maker
 */
function started(name, code, fetch, maker) {
  const use = new AbortController();
  const shared = { users: new Set(), use, maker, fetched: false, decoder: make() };
  const { decoders } = keptFor(code);
  decoders.set(name, shared);
  // The next widget that needs it makes another.
  const drop = () => void (decoders.get(name) === shared && decoders.delete(name));
  atEnd(use.signal, drop);
  shared.decoder.then(({ ended }) => atEnd(ended, () => broken(ended)), failed);
  return shared;

  /** @param {AbortSignal} ended */
  function broken({ reason }) {
    drop();
    if (!use.signal.aborted) refuseFrom(code, name, reason);
  }

  /** @param {Error} error */
  function failed(error) {
    drop();
    if (shared.fetched && !use.signal.aborted) refuseFrom(code, name, error);
  }

  /** @returns {Promise<Decoder>} */
  async function make() {
    const made = await unless(maker, fetch(maker));
    shared.fetched = true;
    const decoder = new Decoder(code);
    atEnd(use.signal, () => decoder.end("nobody uses it any more"));
    try {
      await decoder.make(made);
    } catch (error) {
      decoder.end(String(error));
      throw error;
    }
    return decoder;
  }
}

/**
 * Count a user, until it ends.
 * @param {Shared} shared
 * @param {AbortSignal} signal
 */
function join(shared, signal) {
  const { users, use } = shared;
  if (users.has(signal)) return;
  users.add(signal);
  atEnd(signal, () => {
    users.delete(signal);
    if (users.size > 0) return;
    use.abort();
  });
}
