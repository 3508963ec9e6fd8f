import { WAY_MS } from "./left_to_kernel.js";
import { REPAINT_MS } from "./local.js";
import { bytesOf } from "./offer.js";
import { difference } from "./pictures.js";
import { unless } from "./unless.js";
import { unpacked } from "./unpacked.js";
import { LONGEST_MS, slowness } from "./watched.js";

/** What is decoded here is at most so many levels of 255 off what the kernel decodes. */
const MOST_OFF = 1;

/**
 * See that the page decodes as the kernel does, and how long it takes.
 * @param {ReturnType<typeof import("./offer.js").decoding>} decode
 * @param {import("./offer.js").Answer} checked
 * @param {AbortSignal} ended
 */
export async function compared(decode, { positions, buffers, packed, ...kernels }, ended) {
  const pictures = buffers.slice(-positions.length).map(bytesOf);
  const times = [];
  for (const [i, at] of positions.entries()) {
    const { pixels = [], ms = 0 } = await unless(ended, decode(at));
    const own = packed ? await unpacked(pictures[i], "deflate") : pictures[i];
    const off = difference(pixels, new Uint8Array(own));
    if (off > MOST_OFF) {
      throw new Error(`what the page decodes is ${off} of 255 levels off what the kernel does.`);
    }
    if (i > 0) times.push(ms); // the first takes longer than those that follow
  }
  const pace = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  const most = Math.min(LONGEST_MS, Math.max(REPAINT_MS, kernels.ms + WAY_MS));
  if (pace > most) throw slowness(pace, most);
  return { pace, most, kernel: kernels.batch_ms };
}
