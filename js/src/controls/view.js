import { atEnd, div, element, focusWhereScrolled, listen } from "../dom/element.js";
import { distance } from "../frames/store.js";
import { moduleOf } from "../loader/parts.js";
import { save } from "../stage/save.js";
import { createButton } from "./button.js";
import { createHelp } from "./help.js";
import { createPanel } from "./panel.js";

/** @typedef {import("../stage/place.js").Place} Place */

const SAVE = { text: "Save…", title: "Save what is shown", name: "lw-save", home: ".lw-tools" };
/** What a draft is, for who has never seen the word there. */
const DRAFT = "The decoder has not finished this picture: better ones follow.";

/**
 * The root element of a view. What has the focus in it says to JupyterLab that keys are left to it:
 * itself, since a shortcut for whatever has the focus is found before what is around that is asked.
 * @param {string} kind of widget
 * @param {(Node | string)[]} children
 */
export function createRoot(kind, children) {
  const root = div(`lw-root lw-${kind}`, children);
  root.addEventListener("focusin", (event) => {
    /** @type {Element} */ (event.target).setAttribute("data-lm-suppress-shortcuts", "");
  });
  return root;
}

/**
 * Tell what is around a view that its picture begins to show something else than where the widget
 * is, as what the mouse is over, or ends to. An explorer shows the picture of one part at a time.
 * @param {HTMLElement} look the picture, or what it is in
 * @param {boolean} on
 */
export function peek(look, on) {
  look.dispatchEvent(new CustomEvent("lw-peek", { bubbles: true, detail: on }));
}

/**
 * A quiet line that says what the texts that are shown continue, where they continue anything.
 * @param {import("@anywidget/types").AnyModel} model
 */
function promptOf(model) {
  const prompt = model.get("_prompt");
  const said = () => ["Continues ", element("q", { text: prompt, dir: "auto" })];
  return prompt ? [element("div", { class: "lw-prompt", title: prompt }, said())] : [];
}

/**
 * Keep a view in step with its stage, and tell the stage whether the view can be seen.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {HTMLElement} root
 * @param {() => void} repaint paints the picture; called with every change, at once
 * @param {() => void} follow shows all else; called at most once for each repaint of the page
 * @param {AbortSignal} signal
 */
export function attach(stage, root, repaint, follow, signal) {
  const { model } = stage;
  root.prepend(...promptOf(model));
  let request = 0;
  stage.listen(() => {
    repaint();
    request ||= requestAnimationFrame(() => {
      request = 0;
      follow();
    });
  }, signal);
  const sight = new IntersectionObserver((entries) => {
    stage.see(root, entries.at(-1)?.isIntersecting ?? false);
  });
  sight.observe(root);
  atEnd(signal, () => {
    cancelAnimationFrame(request);
    sight.disconnect();
    stage.see(root);
  });
  const take = async () => (await moduleOf(model, "_saver")).takeRecipes(stage, root, signal);
  if (model.get("_saver")) listen(root, { dragenter: take }, signal);
  // An explorer takes the picture out of the part that it belongs to.
  const look = root.querySelector(".lw-look");
  const soften = () => {
    for (const one of [root, look])
      one?.classList.toggle("lw-smooth", Boolean(model.get("smooth")));
  };
  model.on("change:smooth", soften);
  soften();
  follow();
  repaint();
}

/**
 * The buttons that every widget has: show pixels or smooth pictures, save the picture, copy the
 * latent as code, and say which keys there are.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {string} kind of widget
 * @param {AbortSignal} signal
 * @param {() => Place | undefined} [place] where the latent is, if not where the stage is
 */
export function createActions(stage, kind, signal, place) {
  return div("lw-actions", [
    stage.kind.pixels && createSmooth(stage.model, signal),
    createPanel(stage.model, "_saver", SAVE, [stage, kind, signal], signal),
    createCopy(stage, signal, place),
    createHelp(stage.model, kind, signal, stage),
  ]);
}

/**
 * The button that smooths pictures which are enlarged, or shows their pixels as squares.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 */
function createSmooth(model, signal) {
  const toggle = () => save(model, "smooth", !model.get("smooth"));
  const button = createButton("▦", "Smooth enlarged pictures", toggle, signal);
  button.ariaLabel = "Smooth";
  const follow = () => {
    button.ariaPressed = String(Boolean(model.get("smooth")));
  };
  model.on("change:smooth", follow);
  follow();
  return button;
}

/**
 * The button that copies a cell of Python that makes the latent.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {AbortSignal} signal
 * @param {() => Place | undefined} [place] where the latent is, if not where the stage is
 */
export function createCopy(stage, signal, place) {
  const { model } = stage;
  const button = createButton("Copy as code", "Python that makes this latent", copy, signal);
  button.dataset.lwKernel = ""; // a saved page hides what needs one
  async function copy() {
    const { route, at } = place?.() ?? stage;
    try {
      await (await moduleOf(model, "_saver")).copyCode(stage, button, { route, at });
    } catch (error) {
      stage.fail(`It could not be copied: ${error}`);
    }
  }
  return button;
}

/** @typedef {import("../frames/store.js").StoredFrame} StoredFrame */

/**
 * What the picture is of: the place of the stage, or another one.
 * @typedef {object} Subject
 * @property {number[]} at
 * @property {() => StoredFrame | undefined} frame the one that is shown
 * @property {(frame: StoredFrame) => boolean} isExact
 */

/**
 * The line that says whether the picture is exact, and the alert that says what went wrong.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {(at: number[]) => string} words says where a frame is
 * @param {AbortSignal} signal
 * @param {Subject} [subject] what the picture is of
 */
export function createStatus(stage, words, signal, subject = stage) {
  const status = div("lw-status");
  const said = element("div");
  const alert = element("div", { class: "lw-alert", role: "alert", hidden: true }, [said]);
  focusWhereScrolled(alert, signal);

  /** @type {StoredFrame | undefined} what is on the page, if no frame is to be shown now */
  let last;

  /** @param {HTMLElement} root */
  function follow(root) {
    const frame = subject.frame();
    last = frame ?? last;
    const state = !frame ? "none" : subject.isExact(frame) ? "exact" : whereabouts(frame);
    status.dataset.lwState = state;
    const { gone, here, where } = stage.mailbox;
    const [short, why] = gone ? ` · ${gone}`.split(/(?=:)/) : [""];
    const about = frame?.draft ? `. ${DRAFT}` : frame?.here ? here : where;
    status.textContent = text(state, frame) + short;
    status.title = status.textContent + (why ?? about);
    root.ariaBusy = String(stage.busy);
    alert.hidden = stage.error === "";
    if (said.textContent !== stage.error) said.textContent = stage.error;
  }

  /** @param {StoredFrame} frame */
  function whereabouts(frame) {
    return frame.draft > 0 && distance(frame.at, subject.at) === 0 ? "draft" : "near";
  }

  /**
   * @param {string} state
   * @param {StoredFrame | undefined} frame
   */
  function text(state, frame) {
    if (!frame) {
      const known = last?.route === stage.route && last.at.length === subject.at.length;
      const still = last && known ? `: ${words(last.at)}` : "";
      return stage.error ? `last good picture${still}` : `decoding…${still && ` shown${still}`}`;
    }
    if (state === "draft") return `draft ${frame.draft}${stage.error ? ", never finished" : ""}`;
    if (state === "near") return `nearest${frame.draft ? " draft" : ""}: ${words(frame.at)}`;
    return frame.ms > 0 ? `exact · ${frame.ms.toFixed(frame.ms < 10 ? 1 : 0)} ms` : "exact";
  }

  return { status, alert, follow };
}
