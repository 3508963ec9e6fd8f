import { createFilmstrip } from "../controls/filmstrip.js";
import { createMenu } from "../controls/menu.js";
import { createPlayer } from "../controls/player.js";
import { createSlider } from "../controls/slider.js";
import { attach, createCopy, createRoot, createStatus } from "../controls/view.js";
import { element } from "../dom/element.js";
import { icon } from "../dom/svg.js";
import { loadKind } from "../frames/kind.js";
import { createPainter } from "../frames/painter.js";
import { Stage } from "../stage/stage.js";
import { createControl, decodedAhead } from "./control.js";
import { createMarks } from "./marks.js";

const PLAY = "M4 2.5v11l9.5-5.5z";
const PAUSE = "M4 2.5h3v11H4zM9 2.5h3v11H9z";
const SPEEDS = [0.25, 0.5, 1, 2, 4];
const SCALE = { low: 0, high: 1, step: 0.01 };

/** @typedef {import("@anywidget/types").AnyModel} Model */

export default () => {
  /** @type {Stage} */
  let stage;
  let initial = 0;

  return {
    /** @param {{ model: Model, signal: AbortSignal }} context */
    async initialize({ model, signal }) {
      const kind = await loadKind(model, signal);
      // Motion that nobody asked for is not for those who asked for less of it.
      if (model.get("playing") && matchMedia("(prefers-reduced-motion: reduce)").matches) {
        model.set("playing", false);
        model.save_changes();
      }
      initial = model.get("value");
      stage = new Stage(model, signal, createControl(model), kind);
      model.on("change:filmstrip", () => stage.fill());
      createPlayer(stage, signal);
    },
    /** @param {{ model: Model, el: HTMLElement, signal: AbortSignal }} context */
    render({ model, el, signal }) {
      el.replaceChildren(createView(stage, model, initial, signal));
    },
  };
};

/**
 * One view of an interpolator.
 * @param {Stage} stage
 * @param {Model} model
 * @param {number} initial where it began
 * @param {AbortSignal} signal
 */
function createView(stage, model, initial, signal) {
  const { kind } = stage;
  const picture = kind.create("lw-picture", signal);
  picture.role = kind.role;
  const repaint = createPainter(
    picture,
    kind,
    () => stage.frame(),
    (frame) => stage.isExact(frame),
    signal,
  );
  const slider = createSlider({
    label: "t",
    scale: SCALE,
    initial: () => initial,
    current: () => stage.at[0],
    words,
    digits: 3,
    onMove: move,
    onKey: (key) => key === " " && togglePlaying(),
    signal,
  });
  const { marks, setMarks } = createMarks((t) => move(t, true), signal);
  slider.track.append(marks);
  const filmstrip = createFilmstrip(stage, (t) => move(t, true), signal);
  const play = element("button", { type: "button", class: "lw-button lw-play" });
  const method = createMenu(
    "Method",
    model.get("_methods"),
    (name) => save("method", name),
    signal,
  );
  const speed = createMenu("Speed", SPEEDS.map(String), saveSpeed, signal, "×");
  const loop = element("input", { type: "checkbox" });
  const { status, alert, follow: followStatus } = createStatus(stage, ([t]) => words(t));

  play.addEventListener("click", togglePlaying, { signal });
  loop.addEventListener("change", () => save("loop", loop.checked), { signal });

  const root = createRoot("interpolator", [
    element("div", { class: "lw-top" }, [
      picture,
      element("div", { class: "lw-side" }, [
        method.field,
        speed.field,
        element("label", { class: "lw-check" }, [loop, "Loop"]),
        createCopy(stage, signal),
        status,
      ]),
    ]),
    alert,
    element("div", { class: "lw-transport" }, [play, slider.track, slider.number]),
    filmstrip.strip,
  ]);

  /** @param {number} t @param {boolean} rest */
  function move(t, rest) {
    if (model.get("playing")) save("playing", false);
    stage.move([t], { rest });
  }

  /** @param {string} name @param {unknown} value */
  function save(name, value) {
    model.set(name, value);
    model.save_changes();
  }

  /** @param {string} speed */
  function saveSpeed(speed) {
    save("speed", Number(speed));
  }

  /** @param {string} value */
  function chooseSpeed(value) {
    speed.select.value = value;
    if (speed.select.value === value) return;
    // One set from Python that the menu does not offer is offered too.
    speed.select.append(element("option", { value, text: `${value}×` }));
    speed.select.value = value;
  }

  function togglePlaying() {
    save("playing", !model.get("playing"));
    return true;
  }

  /** Show what the model says; frames are the painter's. */
  function follow() {
    const [t] = stage.at;
    slider.show(t);
    picture.ariaLabel = `${kind.word} at ${words(t)}`;
    followFrames();
    filmstrip.update();
    followStatus(root);
  }

  /** Show where frames are, if that has changed. */
  function followFrames() {
    const { version } = stage.store;
    if (version === drawn.version && stage.line === drawn.line) return;
    drawn = { version, line: stage.line };
    const places = stage.store.along(stage.line).map((frame) => frame.at[0] ?? 0);
    slider.setBuffer(places, 0.5 / (model.get("strip_length") - 1));
    slider.track.dataset.lwStrip = String(decodedAhead(stage));
  }

  function followSettings() {
    const playing = model.get("playing");
    play.replaceChildren(icon(playing ? PAUSE : PLAY));
    play.title = playing ? "Pause" : "Play";
    play.ariaLabel = play.title;
    method.select.value = model.get("method");
    chooseSpeed(String(model.get("speed")));
    loop.checked = model.get("loop");
    setMarks(model.get("_marks"));
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
  }

  for (const name of ["playing", "method", "speed", "loop", "_marks", "size"]) {
    model.on(`change:${name}`, followSettings);
  }
  model.on("change:filmstrip", filmstrip.build);
  let drawn = { version: -1, line: "" };
  followSettings();
  attach(stage, root, repaint, follow, signal);
  return root;
}

/** @param {number} t */
function words(t) {
  return `t = ${t.toFixed(3)}`;
}
