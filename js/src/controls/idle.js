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
  signal.addEventListener("abort", () => clearTimeout(timer));
  wait();
}
