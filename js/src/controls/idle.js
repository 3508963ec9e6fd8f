import { atEnd } from "../dom/element.js";

/** After this long without a move more is decoded ahead than what is in hand. */
const IDLE_MS = 250;

/**
 * Have more decoded ahead when nobody has moved for a while: through the place as it is now.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {{ idle: boolean }} control told whether it is so
 * @param {() => void} onIdle
 * @param {AbortSignal} signal
 */
export function fillWhileIdle(stage, control, onIdle, signal) {
  let timer = 0;
  /** @type {number[]} */
  let at = [];
  function wait() {
    if (stage.at === at) return;
    at = stage.at;
    control.idle = false;
    clearTimeout(timer);
    timer = setTimeout(() => {
      control.idle = true;
      stage.fill();
      if (stage.inSight) onIdle();
    }, IDLE_MS);
  }
  stage.listen(wait, signal);
  atEnd(signal, () => clearTimeout(timer));
  wait();
}

/**
 * What is shown, and of what the kernel's answers are: they are out of date once it changes.
 * @param {import("../stage/stage.js").Stage} stage
 */
export function stateOf({ route, at }) {
  return `${route} ${at}`;
}

/**
 * Ask the kernel, one question after another, once nobody has moved for a while; what changes
 * meanwhile puts it off.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {() => (() => Promise<void>) | undefined} next gives what asks the next question, if there is one to ask about what is shown now
 * @param {AbortSignal} signal
 */
export function askWhileIdle(stage, next, signal) {
  let asking = false;
  let timer = 0;
  let seen = "";
  atEnd(signal, () => clearTimeout(timer));

  function wait() {
    if (signal.aborted || (timer && stateOf(stage) === seen) || !next()) return;
    seen = stateOf(stage);
    clearTimeout(timer);
    timer = setTimeout(ask, IDLE_MS);
  }

  async function ask() {
    clearTimeout(timer);
    timer = 0;
    const question = next();
    // Once an answer is here, or a view is in sight again, `wait` is called.
    if (!question || asking || !stage.inSight) return;
    if (stage.busy) return wait();
    asking = true;
    const start = performance.now();
    await question();
    asking = false;
    if (signal.aborted) return;
    // Who moved meanwhile is waited for. A kernel that cannot be reached fails at once: to ask it
    // again at once would stop the page.
    const soon = !timer && performance.now() - start > 5;
    stage.changed();
    if (soon) ask();
  }

  stage.listen(wait, signal);
}
