import { conditionWords } from "../controls/conditions.js";
import { createSpoken } from "../controls/spoken.js";
import { createActions, createStatus } from "../controls/view.js";
import { element } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";
import { allWords, words } from "./words.js";

/** What helps where latents are shorter than those of the prior. */
const GAUSSIAN = " The method “gaussian” keeps within the prior where anchors do.";

/**
 * The picture of where the thumb is, and what is said of it.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {ReturnType<typeof import("../parts/typicality.js").default> | undefined} standing
 * @param {AbortSignal} signal
 */
export function createPicture(stage, standing, signal) {
  const { kind, model } = stage;
  const picture = kind.create("lw-picture", signal);
  picture.role = kind.role;
  const repaint = createPainter(
    picture,
    kind,
    () => stage.frame(),
    (frame) => stage.isExact(frame),
    signal,
  );
  const {
    status,
    alert,
    follow: followStatus,
  } = createStatus(stage, (at) => words(at[0]) + conditionWords(model, at, stage.at), signal);
  const spoken = createSpoken(stage, (at) => allWords(model, at), picture);
  const look = element("div", { class: "lw-left lw-look" }, [
    picture,
    element("div", { class: "lw-tools" }, [status, createActions(stage, "interpolator", signal)]),
    standing?.gauge(signal, advice),
  ]);

  /** What can be done where the latent is not ordinary. @param {string} test that fails */
  function advice(test) {
    const helps = test === "norm" && model.get("method") !== "gaussian";
    return helps && "gaussian" in model.get("_methods") ? GAUSSIAN : "";
  }

  /** Say what is shown. @param {HTMLElement} root */
  function follow(root) {
    picture.ariaLabel = `${kind.word} at ${allWords(model, stage.at)}`;
    followStatus(root);
    spoken.follow();
  }

  return { picture, look, alert, live: spoken.live, repaint, follow };
}
