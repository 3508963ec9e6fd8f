import { createMenu } from "../controls/menu.js";
import { element } from "../dom/element.js";
import { icon } from "../dom/svg.js";
import { save } from "../stage/save.js";

const PLAY = "M4 2.5v11l9.5-5.5z";
const PAUSE = "M4 2.5h3v11H4zM9 2.5h3v11H9z";
/** What an even speed is. */
const EVENLY = "The output, not the latent, changes at the same speed all along the path";
const LOOP = "Play on from the end, for ever";
const SPEEDS = [0.25, 0.5, 1, 2, 4];

/**
 * How the path runs and how it is played.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {ReturnType<typeof import("./speeds.js").createSpeeds>} speeds
 * @param {AbortSignal} signal
 */
export function createSettings(model, speeds, signal) {
  const play = element("button", { type: "button", class: "lw-button lw-play" });
  /** @type {Record<string, string>} the methods that there are not, each with why */
  const withheld = model.get("_way").withheld ?? {};
  const reasons = Object.entries(withheld).map(([name, why]) => `${name} ${why}.`);
  const method = createMenu(
    "Method",
    "",
    Object.keys(model.get("_methods")),
    (name) => save(model, "method", name),
    signal,
  );
  for (const [i, text] of Object.keys(withheld).entries())
    method.select.append(element("option", { text, title: reasons[i], disabled: true }));
  // On a page that was saved there is one: nothing is to be chosen.
  if (method.select.length === 1)
    method.select.replaceWith(element("span", { text: method.select.value }));
  const speed = createMenu(
    "Speed",
    "How fast it plays",
    SPEEDS.map(String),
    (value) => save(model, "speed", Number(value)),
    signal,
    "×",
  );
  const loop = element("input", { type: "checkbox" });
  const even = element("input", { type: "checkbox" });
  const evenly = element("label", { class: "lw-check", title: EVENLY }, [even, "Even speed"]);
  const gained = element("div", { class: "lw-gained", role: "status" });
  const fields = [
    method.field,
    evenly,
    gained,
    speed.field,
    element("label", { class: "lw-check", title: LOOP }, [loop, "Loop"]),
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
    const name = model.get("method");
    method.select.value = name;
    for (const one of [method.field, method.select])
      one.title = [`${name}: ${model.get("_methods")[name]}.`, ...reasons].join("\n");
    method.select.setAttribute("aria-description", method.select.title);
    // Python may have set a speed that the menu does not offer.
    speed.choose(String(model.get("speed")));
    loop.checked = model.get("loop");
    even.checked = model.get("even_speed");
    evenly.hidden = !model.get("_way").even;
    followGained();
  }

  /** Say what was gained by looking for the path, or that it is looked for. */
  function followGained() {
    const { sought, words } = model.get("_way");
    const what = model.get("method") === "geodesic" ? "geodesic" : "even speed";
    const now = speeds.failed()
      ? `No ${what} was found.`
      : `Looking for the ${what} while you rest…`;
    const text = sought ? now : words;
    if (gained.textContent !== text) gained.textContent = text;
    gained.title = sought || what !== "geodesic" ? "" : speeds.saved();
    gained.hidden = text === "";
    // A title alone is neither read out of what has a text, nor reached by the keyboard.
    gained.setAttribute("aria-description", gained.title);
    gained.tabIndex = gained.title === "" ? -1 : 0;
  }

  play.addEventListener("click", togglePlaying, { signal });
  even.addEventListener("change", () => save(model, "even_speed", even.checked), { signal });
  loop.addEventListener("change", () => save(model, "loop", loop.checked), { signal });
  return { play, fields, follow, followGained, togglePlaying };
}
