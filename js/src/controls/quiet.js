/** Nobody moves when nothing has changed for this long. */
const IDLE_MS = 250;

/**
 * What is to be asked.
 * @typedef {object} Asked
 * @property {() => string} state what the answer depends on
 * @property {() => boolean} needed whether there is something to ask
 * @property {() => Promise<void>} ask asks it, and keeps the answer
 */

/**
 * Ask for what the kernel finds out while it is idle: once nobody moves, one question after another,
 * as long as somebody can see a view. What changes meanwhile puts it off.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {Asked} asked
 * @param {AbortSignal} signal
 */
export function askWhileIdle(stage, { state, needed, ask }, signal) {
  let asking = false;
  let timer = 0;
  let seen = "";
  signal.addEventListener("abort", () => clearTimeout(timer));

  function now() {
    return `${stage.route} ${stage.at}`;
  }

  function wait() {
    if (signal.aborted || (timer && now() === seen) || !needed()) return;
    seen = now();
    clearTimeout(timer);
    timer = setTimeout(begin, IDLE_MS);
  }

  async function begin() {
    clearTimeout(timer);
    timer = 0;
    // Once an answer is here, or a view is in sight again, `wait` is called.
    if (asking || !stage.inSight || !needed()) return;
    if (stage.busy) return wait();
    const before = state();
    asking = true;
    await ask();
    asking = false;
    if (signal.aborted) return;
    stage.changed();
    if (state() === before) begin();
  }

  stage.listen(wait, signal);
}
