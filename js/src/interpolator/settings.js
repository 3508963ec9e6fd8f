import { createMenu } from "../controls/menu.js";
import { save } from "../controls/save.js";
import { element } from "../dom/element.js";
import { icon } from "../dom/svg.js";

const PLAY = "M4 2.5v11l9.5-5.5z";
const PAUSE = "M4 2.5h3v11H4zM9 2.5h3v11H9z";
const SPEEDS = [0.25, 0.5, 1, 2, 4];

/**
 * How the path runs and how it is played.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 */
export function createSettings(model, signal) {
  const play = element("button", { type: "button", class: "lw-button lw-play" });
  const method = createMenu(
    "Method",
    model.get("_methods"),
    (name) => save(model, "method", name),
    signal,
  );
  const speed = createMenu(
    "Speed",
    SPEEDS.map(String),
    (value) => save(model, "speed", Number(value)),
    signal,
    "×",
  );
  const loop = element("input", { type: "checkbox" });
  const fields = [
    method.field,
    speed.field,
    element("label", { class: "lw-check" }, [loop, "Loop"]),
  ];

  function togglePlaying() {
    save(model, "playing", !model.get("playing"));
    return true;
  }

  function follow() {
    const playing = model.get("playing");
    play.replaceChildren(icon(playing ? PAUSE : PLAY));
    play.title = playing ? "Pause" : "Play";
    play.ariaLabel = play.title;
    method.select.value = model.get("method");
    // Python may have set a speed that the menu does not offer.
    speed.choose(String(model.get("speed")));
    loop.checked = model.get("loop");
  }

  play.addEventListener("click", togglePlaying, { signal });
  loop.addEventListener("change", () => save(model, "loop", loop.checked), { signal });
  return { play, fields, follow, togglePlaying };
}
