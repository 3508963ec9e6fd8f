import { atEnd } from "../dom/element.js";

/** Without a view for so long, as when a notebook is closed, a widget lets go of its decoder. */
const UNSEEN_MS = 5000;

/**
 * Have a widget let go of its decoder where nobody has a view of it any more.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {() => void} letGo
 * @param {() => void} back called with the next view
 * @param {AbortSignal} signal
 */
export function whileUnseen(stage, letGo, back, signal) {
  let timer = 0;
  let away = false;

  function watch() {
    if (stage.inSight === undefined) {
      timer ||= setTimeout(() => {
        letGo();
        away = true;
      }, UNSEEN_MS);
      return;
    }
    clearTimeout(timer);
    timer = 0;
    if (!away) return;
    away = false;
    back();
  }

  stage.listen(watch, signal);
  atEnd(signal, () => clearTimeout(timer));
}
