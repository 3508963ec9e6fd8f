import { FETCH_MS, sentBytes } from "./asking.js";
import { runtimeOf } from "./runtime.js";

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("./worker.js").Made} Made */

/**
 * What fetches what a decoder is made of.
 * @param {Stage} stage
 * @param {import("./offer.js").Answer} offer which it does not keep
 * @returns {(gone: AbortSignal) => Promise<Made>}
 */
export function fetching(stage, { name, latent_shape: latentShape, linear, runtime }) {
  const about = { name, latentShape, linear, runtime };
  return (gone) => fetched(stage, about, gone);
}

/**
 * @param {Stage} stage
 * @param {{ name: string, latentShape: number[], linear: boolean, runtime: string }} about
 * @param {AbortSignal} gone
 * @returns {Promise<Made>}
 */
async function fetched(stage, { name, latentShape, linear, runtime }, gone) {
  const network = sentBytes(stage, "network", name, gone);
  const matrices = async () => (await network).map((one) => new Float32Array(one));
  if (linear) return { latentShape, runtime: [], network: [], linear: await matrices() };
  const server = /** @type {any} */ (stage.model).widget_manager?.kernel?.serverSettings?.baseUrl;
  const parts = [
    network,
    runtimeOf(runtime, server, () => sentBytes(stage, "runtime", name, gone), FETCH_MS),
  ];
  const [whole, packed] = await Promise.all(parts);
  return { latentShape, runtime: packed, network: whole, linear: [] };
}
