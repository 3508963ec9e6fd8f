/** Where a page keeps the runtime, which all decoders share. */
const RUNTIMES = Symbol.for("lw.runtimes");
/**
 * The files of the runtimes, as the server has them.
 * @type {Record<Which, string[]>}
 */
const FILES = {
  runtime: ["ort.mjs.gz", "ort.wasm.gz"],
  webgpu: ["ort.webgpu.mjs.gz", "ort.webgpu.wasm.gz"],
};

/** @typedef {"runtime" | "webgpu"} Which that for processors, or that for GPUs */

/**
 * What runs networks, compressed: from the Jupyter server, which lets the browser keep it, or else
 * from the kernel, once a page.
 * @param {Which} which
 * @param {string} version
 * @param {string | undefined} server its address
 * @param {() => Promise<ArrayBuffer[]>} ask asks the kernel
 * @param {number} ms how long to wait for the server
 * @returns {Promise<ArrayBuffer[]>}
 */
export async function runtimeOf(which, version, server, ask, ms) {
  const page = /** @type {any} */ (globalThis);
  page[RUNTIMES] ??= new Map();
  /** @type {Map<string, ArrayBuffer[]>} */
  const kept = page[RUNTIMES];
  const name = `${which} ${version}`;
  if (!kept.has(name)) {
    const found = (server && (await served(which, server, version, ms))) || (await ask());
    if (!kept.has(name)) kept.set(name, found); // two may have been on their way
  }
  return /** @type {ArrayBuffer[]} */ (kept.get(name));
}

/**
 * @param {Which} which
 * @param {string} server
 * @param {string} version
 * @param {number} ms
 * @returns {Promise<ArrayBuffer[] | undefined>} undefined where it does not have it
 */
async function served(which, server, version, ms) {
  const signal = AbortSignal.timeout(ms);
  const files = FILES[which].map(async (file) => {
    const url = new URL(`latentwidgets/runtime/${file}?v=${version}`, server);
    const response = await fetch(url, { signal });
    const type = response.headers.get("Content-Type") ?? "";
    if (!response.ok || !type.includes("gzip")) throw new Error("the server does not have it");
    return response.arrayBuffer();
  });
  try {
    return await Promise.all(files);
  } catch {
    // What is so slow will not be faster by way of the kernel.
    if (!signal.aborted) return undefined;
    throw new Error(`what runs networks did not come within ${ms / 1000} seconds.`);
  }
}
