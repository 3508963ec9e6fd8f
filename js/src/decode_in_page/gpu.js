/**
 * Why networks cannot run on a GPU here; nothing where they can.
 * @returns {Promise<string>}
 */
export async function whyNoGpu() {
  const { gpu } = /** @type {any} */ (navigator);
  if (!gpu) {
    return isSecureContext
      ? "this browser has no WebGPU"
      : "browsers allow it to pages of https and of this machine alone";
  }
  // What runs networks on a GPU waits for it by this.
  if (!(/** @type {any} */ (WebAssembly).Suspending)) return "this browser has no JSPI";
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter ? "" : "this browser finds no GPU that it may use";
}
