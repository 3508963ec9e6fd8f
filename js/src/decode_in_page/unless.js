/**
 * Wait for something, unless a signal ends first: then fail with its reason.
 * @template T
 * @param {AbortSignal} signal
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function unless(signal, promise) {
  /** @type {(reason: unknown) => void} */
  let reject = () => {};
  /** @type {Promise<never>} */
  const ended = new Promise((_, fail) => {
    reject = fail;
  });
  const end = () => reject(signal.reason);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    return await Promise.race([ended, promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
