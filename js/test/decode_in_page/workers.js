import { vi } from "vitest";
import { serve } from "../../src/decode_in_page/worker.js";

/**
 * Workers, of which jsdom has none: they answer when a test says so, or do what a page's own do.
 * @param {{ working?: boolean }} [how]
 */
export function makeWorkers({ working = false } = {}) {
  /** @type {Worker[]} */
  const made = [];
  /** @type {string[]} what was made of blobs and is still held */
  const urls = [];
  let forbidden = "";
  let probes = 0;
  let pace = 1;
  let networks = false;

  class Worker {
    /** @type {any[]} what it was asked */
    tasks = [];
    ended = false;
    /** @type {any} */
    onmessage;
    /** @type {any} */
    onerror;
    /** @type {any} what the code in it sees */
    #scope = {
      postMessage: (/** @type {any} */ done) =>
        void (this.ended || this.onmessage({ data: { ...done, ms: pace } })),
    };
    constructor() {
      if (forbidden) throw new Error(forbidden);
      made.push(this);
      serve(this.#scope);
    }
    /** @param {any} task */
    postMessage(task) {
      if (task.probe) {
        probes += 1;
        made.splice(made.indexOf(this), 1); // it is no decoder
      }
      this.tasks.push(task);
      if (networks && task.made?.network.length) {
        const linear = task.made.network.map((/** @type {any} */ one) => new Float32Array(one));
        task = { ...task, made: { ...task.made, network: [], linear } };
      }
      if (working || task.probe) this.#scope.onmessage({ data: task });
    }
    terminate() {
      this.ended = true;
    }
    /** Answer the task that it was asked last. @param {Record<string, unknown>} [done] */
    answer(done = {}) {
      this.onmessage({ data: { id: this.tasks.at(-1).id, ...done } });
    }
    /** @param {string} message */
    fail(message) {
      this.onerror({ message });
    }
  }

  vi.stubGlobal("Worker", Worker);
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = () => {
    const url = `blob:${made.length}-${urls.length}`;
    urls.push(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    if (urls.includes(url)) urls.splice(urls.indexOf(url), 1);
  };
  return {
    made,
    urls,
    /** How often it was tried what the page allows. */
    probes: () => probes,
    /** Networks are linear here, and their graphs the matrices: there is no runtime. */
    runNetworks() {
      networks = true;
    },
    /** They do nothing from now on. */
    idle() {
      working = false;
    },
    work() {
      working = true;
    },
    /** @param {number} ms that each picture is said to take */
    pace(ms) {
      pace = ms;
    },
    /** @param {string} why */
    forbid(why) {
      forbidden = why;
    },
    restore() {
      Object.assign(URL, { createObjectURL, revokeObjectURL });
      vi.unstubAllGlobals();
    },
  };
}
