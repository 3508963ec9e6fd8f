import { ownAt } from "../../controls/conditions.js";
import { askWhileIdle, stateOf } from "../../controls/idle.js";

/**
 * Of a decoder that takes so long for a finished frame, it is only found out where a person asks: for
 * one answer about ten are decoded, and for functions of outputs 64 more, once.
 */
const SLOW_MS = 150;

/** @typedef {ReturnType<typeof createFinding>} Finding */

/**
 * Find out what the edit of now moves beside the sliders that were moved, once nobody moves.
 * @param {import("../../stage/stage.js").Stage} stage
 * @param {AbortSignal} signal ends with the widget
 */
export function createFinding(stage, signal) {
  const { model } = stage;
  /** @type {import("./leaks.js").Known | undefined} */
  let known;
  /** @type {{ route: string, words: string } | undefined} what went wrong: it would go wrong again */
  let fault;
  /** Of which edit a person has asked, where the decoder is slow. */
  let asked = "";

  function isEdited() {
    return ownAt(stage).some((x, i) => x !== model.get("_origin")[i]);
  }

  /** Whether it is only found out where a person asks. */
  function waits() {
    const { drafting, frameMs, wholeMs } = stage.pace;
    // What is measured is decoded to the end: how soon drafts come says nothing of it.
    return (drafting ? wholeMs : frameMs) >= SLOW_MS && asked !== stateOf(stage);
  }

  /** Whether anything measures. */
  function isMeasured() {
    return !(model.get("_measured") < 0);
  }

  function next() {
    const done = known?.state === stateOf(stage) || fault?.route === stage.route || !isMeasured();
    return done || waits() || !isEdited() ? undefined : ask;
  }

  async function ask() {
    const [state, { at, route }] = [stateOf(stage), stage];
    const measured = model.get("_measured");
    // What was measured by other measures is not that of now.
    const isOld = () => model.get("_measured") !== measured;
    try {
      const answer = await stage.mailbox.inquire("leakage", stage);
      if (answer && !isOld()) known = { ...answer, route, state, at };
    } catch (error) {
      if (!isOld()) fault = { route, words: /** @type {Error} */ (error).message };
    }
  }

  askWhileIdle(stage, next, signal);
  model.on("change:_measured", () => {
    known = undefined;
    fault = undefined;
    stage.changed();
  });

  return {
    isEdited,
    isMeasured,
    waits,

    /** A person asks. */
    want() {
      asked = stateOf(stage);
      stage.changed();
    },

    /** What is known; `fresh` where that is of the edit of now, `wrong` says why nothing is. */
    found() {
      const { route } = stage;
      const fresh = known?.state === stateOf(stage);
      const wrong = fault?.route === route ? fault.words : "";
      return { known: known?.route === route ? known : undefined, fresh, wrong };
    },
  };
}
