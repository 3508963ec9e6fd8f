/** Where a page keeps what the widgets of all kernels share. */
const KEPT = Symbol.for("lw.decoders");
/** What was refused is tried again after so long: the computer may have been busy. */
const REFUSED_MS = 600_000;

/**
 * What a page keeps for one version of this code; another version knows nothing of it.
 * @typedef {object} Kept
 * @property {Map<string, any>} decoders by name
 * @property {Set<{ sleep: () => void }>} awake decoders that have a worker, the one used last at the end
 * @property {Map<string, { error: Error, since: number }>} refusals why the page does not decode what
 * @property {Map<string, Promise<void>>} abilities by what was probed: fails where the page cannot
 */

/**
 * @param {string} code
 * @returns {Kept}
 */
export function keptFor(code) {
  const page = /** @type {any} */ (globalThis);
  page[KEPT] ??= new Map();
  if (!page[KEPT].has(code)) {
    const [decoders, refusals, abilities] = [new Map(), new Map(), new Map()];
    page[KEPT].set(code, { decoders, awake: new Set(), refusals, abilities });
  }
  return page[KEPT].get(code);
}

/**
 * Note that something had better be left to the kernel.
 * @param {string} code
 * @param {string} what
 * @param {Error} error
 */
export function refuseFrom(code, what, error) {
  keptFor(code).refusals.set(what, { error, since: performance.now() });
}

/**
 * Fail where something was refused not long ago.
 * @param {string} code
 * @param {string} what
 */
export function throwRefusal(code, what) {
  const refusal = keptFor(code).refusals.get(what);
  if (refusal && performance.now() - refusal.since < REFUSED_MS) throw refusal.error;
}

/** Have all that was refused tried again, as a person asks for that. @param {string} code */
export function forgetRefusals(code) {
  keptFor(code).refusals.clear();
}
