import { atEnd } from "../dom/element.js";
import { told } from "./asking.js";
import { compared } from "./compared.js";
import { fetching } from "./fetching.js";
import { refuseFrom, throwRefusal } from "./kept.js";
import { createLocal } from "./local.js";
import { decoding, planOf } from "./offer.js";
import { NOT_FINITE } from "./pictures.js";
import { unless } from "./unless.js";

/**
 * Make the decoder that the kernel offers, unless the page has it, and see that it decodes as the
 * kernel does.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {import("./held.js").HeldDecoder} held
 * @param {import("./offer.js").Answer} offer
 * @param {boolean} gpu whether it is to run on the GPU
 * @param {(error: Error) => void} refuse has the kernel decode: this cannot, or can no longer
 * @param {AbortSignal} ended
 * @returns {Promise<import("../stage/mailbox.js").Local | undefined>} undefined where it was refused, or the kernel's decoder has changed meanwhile
 */
export async function prepared(stage, held, offer, gpu, refuse, ended) {
  const { model } = stage;
  const { code } = held;
  // What lives on holds no answer, and none of its bytes: what functions in here use, they keep.
  const { plan, numbers, count, reading, terms } = planOf(offer, stage.at);
  // What is too slow or too far off is so wherever a picture shows as many outputs.
  const what = `${offer.name} ${gpu} ${count}`;
  throwRefusal(code, what);
  const decoder = await unless(ended, held.hold(offer.name, gpu, fetching(stage, offer, gpu)));
  const checked = await told(stage, "check", held.name, ended);
  if (checked?.name !== held.name) return undefined;
  const decode = decoding(decoder, plan, numbers, reading);
  /** @param {Error} error */
  function giveUp(error) {
    if (error.message !== NOT_FINITE) refuseFrom(code, what, error); // elsewhere it may be finite
    refuse(error);
  }
  try {
    const paces = await compared(decode, checked, ended);
    // It may end by itself.
    const broken = () => refuse(decoder.ended.reason);
    decoder.ended.addEventListener("abort", broken, { signal: ended });
    const local = createLocal(offer.route, decode, {
      ...{ ...paces, ...terms, signal: ended, giveUp },
      asleep: () => decoder.asleep,
      wake: () => decoder.wake(),
    });
    const hear = (/** @type {any} */ content) => content && local.heard(content);
    model.on("msg:custom", hear);
    atEnd(ended, () => model.off("msg:custom", hear));
    return local;
  } catch (error) {
    if (!ended.aborted) giveUp(/** @type {Error} */ (error));
    return undefined;
  }
}
