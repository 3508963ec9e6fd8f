import { element } from "../dom/element.js";

/** The hand is at rest once nothing has changed for so many milliseconds. */
const REST_MS = 700;

/**
 * A live region that nobody sees: screen readers say where the hand has come to rest, and the texts
 * that are there. A drag, or playing, says nothing on its way.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {(at: number[]) => string} words says where a frame is
 * @param {HTMLElement} picture
 * @param {import("./view.js").Subject} [subject] what the picture is of, if not where the stage is
 */
export function createSpoken(stage, words, picture, subject = stage) {
  const live = element("div", { class: "lw-spoken", role: "status" });
  let known = "";
  let timer = 0;

  function follow() {
    const state = stateNow();
    const key = `${stage.route} ${subject.at} ${state}`;
    if (key === known) return;
    known = key;
    clearTimeout(timer);
    if (state) timer = window.setTimeout(speak, REST_MS, state);
  }

  /** What is shown of exactly where the hand is; empty where nothing is yet. */
  function stateNow() {
    const frame = subject.frame();
    if (!frame) return "";
    if (subject.isExact(frame)) return "exact";
    return frame.draft > 0 && String(frame.at) === String(subject.at) ? "draft" : "";
  }

  /** @param {string} state */
  function speak(state) {
    const found = [...picture.querySelectorAll(".lw-letters")];
    const texts = found.map((one) => one.textContent || "(no text)"); // as tiles.css shows
    const place = [words(subject.at), state].filter(Boolean).join(", ");
    live.textContent = [place, ...texts].join(": ");
  }

  return { live, follow };
}
