import { createButton } from "../controls/button.js";
import { element, listen } from "../dom/element.js";
import { shape } from "../dom/svg.js";
import { distance } from "../frames/store.js";

/** Where decoding a picture for each slider takes longer than this, in milliseconds, nothing follows a hand. */
const SLOW_MS = 2000;
/** Of more sliders, only so many mixtures are looked at. */
const MOST_MOVES = 64;
/** The first derivative may take seconds, where the model's library has to be made ready for it. */
const PATIENCE_MS = 60_000;
const WHAT =
  "Press on the picture and pull: the sliders move so that what you grabbed follows. Escape takes it back.";
const READY = "Press on the picture and pull. Escape takes it back.";
const MIDDLE = /** @type {Point} */ ([0.5, 0.5]);

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {[x: number, y: number]} Point as shares of the picture */
/** @typedef {{ start: number[], at: number[], grabbed: Point, here: Point, to: Point }} Pull */

/**
 * Pull at the picture: what is grabbed follows, as far as the sliders lead it. The kernel says step by
 * step which amounts do that; one question is on its way, and the next is asked about where the
 * pointer is then.
 * @param {Stage} stage
 * @param {HTMLElement} frames what the picture is in
 * @param {HTMLElement} picture
 * @param {AbortSignal} signal
 */
export default function createPull(stage, frames, picture, signal) {
  const { model } = stage;
  const button = createButton("Pull", WHAT, toggle, signal);
  const said = element("div", { class: "lw-caption lw-pull-said", role: "status", hidden: true });
  const line = shape("line", {});
  const mark = shape("svg", { class: "lw-pulled", "aria-hidden": "true" }, [
    line,
    shape("circle", { r: 5 }),
  ]);
  let on = false;
  let asking = false;
  /** @type {Pull | undefined} the pull that goes on, or ended last and can be taken back */
  let pull;
  let held = false;
  button.ariaPressed = "false";

  async function toggle() {
    turn(!on);
    if (!on) return;
    say("Getting ready…");
    const { at } = stage;
    try {
      const answer = await ask({ start: at, at, grabbed: MIDDLE, here: MIDDLE, to: MIDDLE });
      if (!answer) throw new Error("the kernel did not answer.");
      if (on && !pull) say(READY);
    } catch (error) {
      turn(false);
      refuse(error);
    }
  }

  /** @param {boolean} now */
  function turn(now) {
    on = now;
    pull = undefined;
    held = false;
    button.ariaPressed = String(on);
    said.hidden = !on;
    frames.classList.toggle("lw-pulling", on);
    if (on) picture.tabIndex = -1;
    else picture.removeAttribute("tabindex");
    draw();
  }

  /** @param {string} words */
  function say(words) {
    said.textContent = words;
  }

  /** @param {unknown} error */
  function refuse(error) {
    stage.fail(`It could not be pulled: ${/** @type {Error} */ (error).message}`);
  }

  /** Ask for one step. @param {Pull} pull */
  function ask({ at, start, grabbed, here, to }) {
    const how = { ms: PATIENCE_MS, start, grabbed, here, to };
    return stage.mailbox.inquire("pull", { route: stage.route, at }, how);
  }

  /** Go on with the pull until it leads no further. */
  async function go() {
    if (asking) return;
    asking = true;
    try {
      while (pull && !signal.aborted) {
        const asked = pull;
        const { to } = asked;
        /** @type {import("../stage/replies.js").PullAnswer | undefined} */
        const answer = await ask(asked);
        if (pull !== asked) continue; // taken back, or another one began
        if (!answer || distance(stage.at, asked.at) > 0) return end(); // somebody moved a slider
        asked.at = answer.at;
        asked.here = answer.here;
        if (distance(stage.at, answer.at) > 0) stage.move(answer.at, { rest: true });
        tell(answer, asked);
        draw();
        if (answer.done && asked.to === to) break;
      }
    } catch (error) {
      end();
      refuse(error);
    } finally {
      asking = false;
      draw();
    }
  }

  /** @param {import("../stage/replies.js").PullAnswer} answer @param {Pull} pull */
  function tell({ share, done, words }, { grabbed, to }) {
    if (distance(grabbed, to) === 0) return say(READY);
    const percent = Math.round(100 * Math.max(0, share));
    const moved = done && !words ? "It followed" : `Moved ${percent} % of the pull`;
    say(`${moved}${words && `: ${words}`}.`);
  }

  /** What is shown can no longer be taken back, as it is somebody else's. */
  function end() {
    pull = undefined;
    held = false;
  }

  /** Show what is held, and where it is wanted. */
  function draw() {
    if (!pull || !(held || asking)) return mark.remove();
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = picture;
    const [x, y, to, down] = [...pull.here, ...pull.to].map((share, i) =>
      i % 2 ? offsetTop + share * offsetHeight : offsetLeft + share * offsetWidth,
    );
    for (const [name, value] of Object.entries({ x1: x, y1: y, x2: to, y2: down })) {
      line.setAttribute(name, String(value));
    }
    mark.lastElementChild?.setAttribute("cx", String(x));
    mark.lastElementChild?.setAttribute("cy", String(y));
    frames.append(mark);
  }

  /** @param {PointerEvent} event @returns {Point} */
  function place({ clientX, clientY }) {
    const { left, top, width, height } = picture.getBoundingClientRect();
    const within = (/** @type {number} */ share) => Math.min(1, Math.max(0, share));
    return [within((clientX - left) / width), within((clientY - top) / height)];
  }

  listen(
    picture,
    {
      pointerdown(event) {
        if (!on || event.button) return;
        event.preventDefault();
        picture.setPointerCapture(event.pointerId);
        picture.focus({ preventScroll: true });
        const grabbed = place(event);
        pull = { start: stage.at, at: stage.at, grabbed, here: grabbed, to: grabbed };
        held = true;
        draw();
      },
      pointermove(event) {
        if (!held || !pull) return;
        pull.to = place(event);
        draw();
        go();
      },
      lostpointercapture() {
        held = false;
        draw();
      },
      keydown(event) {
        if (event.key !== "Escape" || !pull) return;
        event.preventDefault();
        event.stopPropagation();
        const { start, at } = pull;
        if (distance(stage.at, at) === 0) stage.move(start, { rest: true });
        end();
        say(READY);
        draw();
      },
    },
    signal,
  );

  function follow() {
    const rows = model.get("_rows").length;
    if (on) return;
    const why =
      model.get("_starts").length > 1
        ? "Several latents are edited at once: one alone can be pulled at"
        : stage.frameMs * Math.min(rows, MOST_MOVES) > SLOW_MS &&
          "This decoder is too slow to be pulled at";
    button.disabled = Boolean(why);
    button.title = why || WHAT;
  }

  return { button, said, follow };
}
