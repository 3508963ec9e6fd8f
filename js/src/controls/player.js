import { atEnd } from "../dom/element.js";
import { save } from "../stage/save.js";
import { under } from "./conditions.js";

/** How long playing takes from one anchor to the next, at speed 1. */
const SEGMENT_MS = 2000;
/** While nobody can see any view, playing looks this often whether somebody can again. */
const UNSEEN_MS = 500;

/**
 * Where playing has got to: the place on the path, which way it goes, and whether it is over.
 * @typedef {{ t: number, forward: boolean, done: boolean }} Place
 */

/**
 * Go on from a place for some time.
 * @param {Place} place
 * @param {number} ms
 * @param {{ segments: number, speed: number, loop: boolean, closed: boolean }} how
 * @returns {Place}
 */
export function advance(place, ms, { segments, speed, loop, closed }) {
  const step = (ms * speed) / (SEGMENT_MS * segments);
  let t = place.t + (place.forward ? step : -step);
  if (t >= 0 && t <= 1) return { ...place, t };
  if (!loop) return { t: t > 1 ? 1 : 0, forward: true, done: true };
  if (closed) return { t: t - Math.floor(t), forward: place.forward, done: false };
  // There and back, turning round at the ends, however often it has done so in this time.
  t = ((t % 2) + 2) % 2;
  const turned = t > 1;
  return {
    t: turned ? 2 - t : t,
    forward: place.forward ? !turned : turned,
    done: false,
  };
}

/**
 * Play a stage while its model says so.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {AbortSignal} signal
 */
export function createPlayer(stage, signal) {
  const { model } = stage;
  let forward = true;
  let last = 0;
  let request = 0;
  let timer = 0;

  /** @param {number} now */
  function tick(now) {
    if (!model.get("playing")) return;
    if (!stage.inSight) {
      // Nobody looks: wait until somebody does.
      last = now;
      timer = setTimeout(() => {
        request = requestAnimationFrame(tick);
      }, UNSEEN_MS);
      return;
    }
    // The browser gives the time when the repaint began, which may be before playing did.
    const elapsed = Math.max(0, now - last);
    const place = advance({ t: stage.at[0] ?? 0, forward, done: false }, elapsed, {
      segments: Math.max(1, model.get("_marks").length - (model.get("closed") ? 0 : 1)),
      speed: model.get("speed"),
      loop: model.get("loop"),
      closed: model.get("closed"),
    });
    last = now;
    forward = place.forward;
    stage.play(under(stage, [place.t]));
    if (place.done) {
      save(model, "playing", false);
    } else {
      request = requestAnimationFrame(tick);
    }
  }

  function stop() {
    cancelAnimationFrame(request);
    clearTimeout(timer);
  }

  function follow() {
    stop();
    if (!model.get("playing")) {
      stage.settleSoon();
      return;
    }
    // Playing once from the end begins again.
    if (!model.get("loop") && stage.at[0] >= 1) stage.play(under(stage, [0]));
    if (!model.get("loop")) forward = true;
    last = performance.now();
    request = requestAnimationFrame(tick);
  }

  model.on("change:playing", follow);
  atEnd(signal, stop);
  if (model.get("playing")) follow();
}
