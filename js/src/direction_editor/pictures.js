import { createButton } from "../controls/button.js";
import { conditionsOf, under } from "../controls/conditions.js";
import { div, listen } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";
import { distance } from "../frames/store.js";

/** The coordinates of the picture before any edit: it has none. */
const BEFORE = /** @type {number[]} */ ([]);
/** @type {Record<string, string>} */
const CAPTIONS = {
  edited: "",
  before: "before the edit",
  "side by side": "before the edit, and after",
  difference: "what changed, halved; mid-grey is no change",
};
export const VIEWS = ["edited", "side by side", "difference"];

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */

/**
 * The picture before any edit: asked for while idle, or when it is first wanted, and then kept.
 * @param {Stage} stage
 */
export function createBefore(stage) {
  /** @type {StoredFrame | undefined} */
  let kept;
  let asked = "";

  /**
   * Give the frame, as soon as it is here and ready, and ask for it where it is not.
   * @param {boolean} [ahead] only ask: nobody wants to see it yet
   */
  return (ahead = false) => {
    const { route, model } = stage;
    // Under conditions it is another one for each: the one where no slider is moved.
    const at = conditionsOf(model).length > 0 ? under(stage, model.get("_origin")) : BEFORE;
    kept = stage.store.get(route, at) ?? kept;
    if (kept?.route === route && distance(kept.at, at) === 0) {
      if (ahead) return undefined;
      kept = stage.store.put(kept); // put back, where memory was short and the store gave it up
      return stage.readied(kept) ? kept : undefined;
    }
    if (asked !== `${route}@${at}` || ahead) {
      asked = `${route}@${at}`;
      // Compressed, where it comes from the kernel: it is kept for long, and takes less memory then.
      stage.askBeside("before", at, false);
    }
    return undefined;
  };
}

/**
 * The pictures of one view: the edited one, and beside it or on top of it the one before the edit.
 * To show the difference, the style sheet lays the picture before on top, inverted and half
 * transparent: what has not changed is mid-grey then, and what has, half as strong as it is.
 * @param {Stage} stage
 * @param {() => StoredFrame | undefined} before
 * @param {(at: number[]) => unknown} value what coordinates are called on the page
 * @param {AbortSignal} signal
 */
export function createPictures(stage, before, value, signal) {
  const { kind } = stage;
  const edited = kind.create("lw-picture", signal);
  edited.ariaLabel = `${kind.word} after the edit`;
  const original = kind.create("lw-picture lw-before", signal);
  original.ariaLabel = `${kind.word} before the edit`;
  for (const one of [edited, original]) one.role = kind.role;
  const frames = div("lw-frames", [edited, original]);
  const caption = div("lw-caption");
  const isExact = (/** @type {StoredFrame} */ frame) => stage.isExact(frame);
  const paint = createPainter(edited, kind, () => stage.frame(), isExact, signal, value);
  let painted = "";
  const paintBefore = createPainter(
    original,
    kind,
    () => {
      const frame = before();
      painted = frame && frame.draft === 0 ? underNow() : "";
      return frame;
    },
    (frame) => frame.lossless,
    signal,
    () => null,
  );
  let view = "edited";

  /** Names the picture before the edit as it is now. */
  function underNow() {
    return `${stage.route}${conditionsOf(stage.model).length > 0 ? under(stage, []) : ""}`;
  }

  function repaint() {
    paint();
    // Painted once, if it is no draft: where memory is short, opening it again would close the edited one.
    if (!original.hidden && painted !== underNow()) paintBefore();
  }

  /** @param {string} shown */
  function arrange(shown) {
    frames.dataset.lwView = shown;
    original.hidden = shown === "edited";
    caption.textContent = CAPTIONS[shown];
    repaint();
  }

  /** @param {string} name one of `VIEWS` */
  function choose(name) {
    view = name;
    arrange(view);
  }

  /** @param {boolean} down whether the button that shows the picture before is held */
  function hold(down) {
    arrange(down ? "before" : view);
  }

  arrange(view);
  return { frames, caption, edited, repaint, choose, hold };
}

/**
 * A button that shows the picture before the edit for as long as it is held.
 * @param {(down: boolean) => void} hold
 * @param {AbortSignal} signal
 */
export function createBeforeButton(hold, signal) {
  const button = createButton(
    "Before",
    "Hold to see the picture before the edit",
    () => {},
    signal,
  );
  /** @param {boolean} down */
  function press(down) {
    button.ariaPressed = String(down);
    hold(down);
  }
  const release = () => press(false);
  listen(
    button,
    {
      pointerdown(event) {
        if (event.button) return;
        button.setPointerCapture(event.pointerId);
        press(true);
      },
      keydown(event) {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        press(true);
      },
      lostpointercapture: release,
      keyup: release,
      blur: release,
    },
    signal,
  );
  return button;
}
