import { createAnswers } from "./answers.js";
import { LeftToKernel } from "./left_to_kernel.js";
import { watched } from "./watched.js";

/** A picture that takes longer is not here by the next repaint: those decoded ahead are shown till then. */
export const REPAINT_MS = 16;
/** So many milliseconds a picture are few enough to ask for one wherever the thumb is: 20 a second. */
const PROMPT_MS = 50;

/** What is said of pictures that were made here. */
export const HERE = ", in the page, by the model as it was when exported";
/** And where they go on without the kernel. */
const GONE = "kernel restarted or gone: pictures go on, made in the page; values are not saved";

/** @typedef {import("../stage/replies.js").Said} Said */
/** @typedef {import("../stage/strip.js").Strip} Strip */

/**
 * How long the page decodes, and what it is told when it had better not.
 * @typedef {object} Terms
 * @property {number} pace milliseconds that a picture takes
 * @property {number} most milliseconds that one may take
 * @property {number} kernel milliseconds that the kernel takes for one of many; infinite where there is none
 * @property {AbortSignal} signal ends it: what is asked then fails
 * @property {(error: Error) => void} giveUp
 * @property {() => boolean} asleep whether it takes a while until anything is decoded here
 * @property {() => void} wake has that while begin
 * @property {(at: number[]) => boolean} covers whether the latent at a place is known here
 * @property {(row: number) => Said["lines"] | undefined} said what is known of a point of a map
 */

/**
 * Answer questions for frames of one route in the kernel's place.
 * @param {string} route
 * @param {(at: number[]) => Promise<import("./worker.js").Done>} decode makes the picture of a place
 * @param {Terms} terms
 * @returns {import("../stage/mailbox.js").Local & { heard: (answer: import("./left_to_kernel.js").Heard) => void }} `heard` is called with what the kernel has answered
 */
export function createLocal(route, decode, terms) {
  const { signal, covers, said, asleep, wake } = terms;
  const { timed, pace } = watched(decode, terms);
  const { make, renew, drop } = createAnswers(timed);
  const left = new LeftToKernel(terms.kernel, signal);

  /**
   * Make what nobody else could: where that fails, this is the answer.
   * @param {any} question
   * @param {import("./answers.js").Deliver} deliver
   */
  async function makeAlone(question, deliver) {
    try {
      await make(question, deliver);
    } catch (error) {
      if (signal.aborted) throw error; // it decodes no more
      const { type: of, client, seq, route } = question;
      const message = `this cannot be decoded: ${/** @type {Error} */ (error).message}`;
      deliver({ type: "error", of, client, seq, route, message }, []);
    }
  }

  return {
    route,
    said,
    gone: GONE,
    get prompt() {
      return pace() <= PROMPT_MS;
    },
    answer(question, deliver) {
      if (question.type === "stop" || question.route !== route) return null;
      const { type, at, positions } = /** @type {any} */ (question);
      const isStrip = type === "strip";
      if (!(isStrip ? positions : [at]).every(covers)) return null;
      if (terms.kernel === Infinity) return makeAlone(question, deliver);
      const wasLeft = left.replace(question);
      const sleeping = asleep();
      if (sleeping) wake();
      // The kernel drops a strip only for another one: it gets the next one of the same client too.
      const better = sleeping || (isStrip && (wasLeft || left.isFaster(positions.length, pace())));
      if (left.silent || !better) return make(question, deliver);
      renew(question); // an older strip is made here no more
      left.leave(question, () => make(question, deliver).catch(() => {})); // the kernel has been asked
      return null;
    },
    heard(answer) {
      // Where a strip was begun here meanwhile, the kernel goes on with it.
      if (left.heard(answer) && answer.of === "strip") drop(answer.client, answer.seq);
    },
    // Where any picture is here at once, only those that are shown all the time.
    *worth(strips) {
      for (const strip of strips) yield pace() > REPAINT_MS ? strip : shownOf(strip);
    },
  };
}

/** @param {Strip} strip */
function shownOf(strip) {
  return { ...strip, levels: new Map([...strip.levels].filter(([, level]) => level === 0)) };
}
