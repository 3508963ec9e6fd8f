/**
 * Fail where networks cannot run on a GPU here. For the worker that they would run in: a page may have
 * what its workers do not.
 * @returns {Promise<void>}
 */
export async function checkGpu() {
  const { gpu } = /** @type {any} */ (navigator);
  if (!gpu) {
    const why = isSecureContext
      ? "this browser has no WebGPU"
      : "browsers allow it to pages of https and of this machine alone";
    throw new Error(why);
  }
  // What runs networks on a GPU waits for it by JSPI, which gives WebAssembly this.
  if (!(/** @type {any} */ (WebAssembly).Suspending)) throw new Error("this browser has no JSPI");
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) throw new Error("this browser finds no GPU that it may use");
}
