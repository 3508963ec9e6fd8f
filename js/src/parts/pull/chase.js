import { distance } from "../../frames/store.js";

/** The first derivative may take seconds, where the model's library has to be made ready for it. */
const PATIENCE_MS = 60_000;
export const READY = "Press on the picture and pull. Escape takes it back.";

/** @typedef {import("../../stage/stage.js").Stage} Stage */
/** @typedef {[x: number, y: number]} Point as shares of the picture */
/** @typedef {{ start: number[], at: number[], grabbed: Point, here: Point, to: Point }} Pull */

/**
 * Have sliders move so that what is grabbed comes to where it is wanted. The kernel says step by step
 * which amounts do that; one question is on its way, and the next is asked about where the pointer is
 * then.
 * @param {Stage} stage
 * @param {object} on
 * @param {(words: string) => void} on.say
 * @param {() => void} on.change called where something else is held, or elsewhere
 * @param {(error: unknown) => void} on.fail
 * @param {AbortSignal} signal
 */
export function createChase(stage, { say, change, fail }, signal) {
  let asking = false;
  /** @type {Pull | undefined} the pull that goes on, or ended last and can be taken back */
  let pull;
  let held = false;

  /** Go on with the pull until it leads no further. */
  async function go() {
    if (asking) return;
    asking = true;
    try {
      while (pull && !signal.aborted) {
        const asked = pull;
        const { to } = asked;
        /** @type {import("../../stage/replies.js").PullAnswer | undefined} */
        const answer = await askStep(stage, asked);
        if (pull !== asked) continue; // taken back, or another one began
        if (!answer || distance(stage.at, asked.at) > 0) return end(); // somebody moved a slider
        asked.at = answer.at;
        asked.here = answer.here;
        if (distance(stage.at, answer.at) > 0) stage.move(answer.at, { rest: true });
        say(wordsOf(answer, asked));
        change();
        if (answer.done && asked.to === to) break;
      }
    } catch (error) {
      end();
      fail(error);
    } finally {
      asking = false;
      change();
    }
  }

  /** What is shown can no longer be taken back, as it is somebody else's. */
  function end() {
    pull = undefined;
    held = false;
  }

  return {
    end,
    isHeld: () => held,
    canBeTakenBack: () => pull !== undefined,
    /** The pull that is to be seen. */
    shown: () => (held || asking ? pull : undefined),

    /** @param {Point} point */
    grab(point) {
      pull = { start: stage.at, at: stage.at, grabbed: point, here: point, to: point };
      held = true;
      change();
    },

    /** Want what is held at another place. @param {Point} point */
    lead(point) {
      if (!pull) return;
      pull.to = point;
      change();
      go();
    },

    letGo() {
      held = false;
      change();
    },

    takeBack() {
      if (!pull) return;
      const { start, at } = pull;
      if (distance(stage.at, at) === 0) stage.move(start, { rest: true });
      end();
      say(READY);
      change();
    },
  };
}

/** Ask for one step. @param {Stage} stage @param {Pull} pull */
export function askStep(stage, { at, start, grabbed, here, to }) {
  const how = { ms: PATIENCE_MS, start, grabbed, here, to };
  return stage.mailbox.inquire("pull", { route: stage.route, at }, how);
}

/** What is said of a step. @param {import("../../stage/replies.js").PullAnswer} answer @param {Pull} pull */
function wordsOf({ share, done, words }, { grabbed, to }) {
  if (distance(grabbed, to) === 0) return READY;
  const percent = Math.round(100 * Math.max(0, share));
  const moved = done && !words ? "It followed" : `Moved ${percent} % of the pull`;
  return `${moved}${words && `: ${words}`}.`;
}
