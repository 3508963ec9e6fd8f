import { FETCH_MS, sentBytes } from "./asking.js";
import { runtimeOf } from "./runtime.js";

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("./worker.js").Made} Made */

/**
 * What fetches what a decoder is made of.
 * @param {Stage} stage
 * @param {import("./offer.js").Answer} offer which it does not keep
 * @param {boolean} gpu whether it is to run on the GPU
 * @returns {(gone: AbortSignal) => Promise<Made>}
 */
export function fetching(stage, { name, latent_shape: latentShape, linear, runtime }, gpu) {
  const about = { name, latentShape, linear, runtime, gpu };
  return (gone) => fetched(stage, about, gone);
}

/**
 * @param {Stage} stage
 * @param {{ name: string, latentShape: number[], linear: boolean, runtime: string, gpu: boolean }} about
 * @param {AbortSignal} gone
 * @returns {Promise<Made>}
 */
async function fetched(stage, { name, latentShape, linear, runtime, gpu }, gone) {
  const network = sentBytes(stage, "network", name, gone);
  const matrices = async () => (await network).map((one) => new Float32Array(one));
  if (linear) return { latentShape, gpu, runtime: [], network: [], linear: await matrices() };
  const server = /** @type {any} */ (stage.model).widget_manager?.kernel?.serverSettings?.baseUrl;
  const which = gpu ? "webgpu" : "runtime";
  const parts = [
    network,
    runtimeOf(which, runtime, server, () => sentBytes(stage, which, name, gone), FETCH_MS),
  ];
  const [whole, packed] = await Promise.all(parts);
  return { latentShape, gpu, runtime: packed, network: whole, linear: [] };
}
