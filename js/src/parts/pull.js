import { createButton } from "../controls/button.js";
import { element, listen } from "../dom/element.js";
import { askStep, createChase, READY } from "./pull/chase.js";
import { createMark, pointOf } from "./pull/mark.js";

/** Where decoding a picture for each slider takes longer than this, in milliseconds, nothing follows a hand. */
const SLOW_MS = 2000;
/** Of more sliders, only so many mixtures are looked at. */
const MOST_MOVES = 64;
const WHAT =
  "Press on the picture and pull: the sliders move so that what you grabbed follows. Escape takes it back.";
const MIDDLE = /** @type {import("./pull/chase.js").Point} */ ([0.5, 0.5]);

/** @typedef {import("../stage/stage.js").Stage} Stage */

/**
 * Pull at the picture: what is grabbed follows, as far as the sliders lead it.
 * @param {Stage} stage
 * @param {HTMLElement} frames what the picture is in
 * @param {HTMLElement} picture
 * @param {AbortSignal} signal
 */
export default function createPull(stage, frames, picture, signal) {
  const button = createButton("Pull", WHAT, toggle, signal);
  const said = element("div", { class: "lw-caption lw-pull-said", role: "status", hidden: true });
  const mark = createMark(frames, picture);
  const change = () => mark.show(chase.shown());
  const chase = createChase(stage, { say, change, fail }, signal);
  let on = false;
  button.ariaPressed = "false";

  async function toggle() {
    turn(!on);
    if (!on) return;
    say("Getting ready…");
    const { at } = stage;
    try {
      const first = { start: at, at, grabbed: MIDDLE, here: MIDDLE, to: MIDDLE };
      const answer = await askStep(stage, first);
      if (!answer) throw new Error("the kernel did not answer.");
      if (on && !chase.canBeTakenBack()) say(READY);
    } catch (error) {
      turn(false);
      fail(error);
    }
  }

  /** @param {boolean} now */
  function turn(now) {
    on = now;
    chase.end();
    button.ariaPressed = String(on);
    said.hidden = !on;
    frames.classList.toggle("lw-pulling", on);
    if (on) picture.tabIndex = -1;
    else picture.removeAttribute("tabindex");
    change();
  }

  /** @param {string} words */
  function say(words) {
    said.textContent = words;
  }

  /** @param {unknown} error */
  function fail(error) {
    stage.fail(`It could not be pulled: ${/** @type {Error} */ (error).message}`);
  }

  listen(
    picture,
    {
      pointerdown(event) {
        if (!on || event.button) return;
        event.preventDefault();
        picture.setPointerCapture(event.pointerId);
        picture.focus({ preventScroll: true });
        chase.grab(pointOf(picture, event));
      },
      pointermove(event) {
        if (chase.isHeld()) chase.lead(pointOf(picture, event));
      },
      lostpointercapture: chase.letGo,
      keydown(event) {
        if (event.key !== "Escape" || !chase.canBeTakenBack()) return;
        event.preventDefault();
        event.stopPropagation();
        chase.takeBack();
      },
    },
    signal,
  );

  function follow() {
    if (on) return;
    const why = hindranceOf(stage);
    button.disabled = why !== "";
    button.title = why || WHAT;
  }

  return { button, said, follow };
}

/** Why nothing can be pulled at; empty where it can. @param {Stage} stage */
function hindranceOf({ model, pace }) {
  if (model.get("_starts").length > 1) {
    return "Several latents are edited at once: one alone can be pulled at";
  }
  const moves = Math.min(model.get("_rows").length, MOST_MOVES);
  return pace.frameMs * moves > SLOW_MS ? "This decoder is too slow to be pulled at" : "";
}
