import { bytesOf } from "./offer.js";

/** How long to wait for what a decoder is made of. */
export const FETCH_MS = 60_000;

/** Why the kernel keeps its decoder: no fault of what would run it here. */
export class KernelsReason extends Error {}

/** @typedef {import("../stage/stage.js").Stage} Stage */

/**
 * Ask the kernel of its decoder, which it may first have to export.
 * @param {Stage} stage
 * @param {string} part "offer" or "check"
 * @param {string} name of the decoder that is held
 * @param {AbortSignal} ended
 * @returns {Promise<import("./offer.js").Answer | undefined>} undefined where nobody wants to know any more
 */
export async function told(stage, part, name, ended) {
  const answer = await stage.mailbox.inquire("decoder", stage, { part, name, signal: ended });
  if (!answer || ended.aborted) return undefined;
  if (answer.reason) throw new KernelsReason(answer.reason);
  return answer;
}

/**
 * Ask the kernel for bytes.
 * @param {Stage} stage
 * @param {string} part "network", "runtime" or "webgpu"
 * @param {string} name of the decoder
 * @param {AbortSignal} gone
 * @returns {Promise<ArrayBuffer[]>}
 */
export async function sentBytes(stage, part, name, gone) {
  const how = { part, name, suffix: `-${part}`, ms: FETCH_MS, signal: gone };
  const answer = await stage.mailbox.inquire("decoder", stage, how);
  if (!answer) throw new Error(`the kernel did not send the ${part} of its decoder.`);
  return answer.buffers.map(bytesOf);
}
