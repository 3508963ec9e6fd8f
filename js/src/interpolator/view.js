import { createConditions, under } from "../controls/conditions.js";
import { createFilmstrip } from "../controls/filmstrip.js";
import { createSlider } from "../controls/slider.js";
import { attach, createRoot, peek } from "../controls/view.js";
import { element } from "../dom/element.js";
import { save } from "../stage/save.js";
import { createFrameBar } from "./frame_bar.js";
import { createMarks } from "./marks.js";
import { createPicture } from "./picture.js";
import { createSettings } from "./settings.js";
import { createSpeedCurve } from "./speed_curve.js";
import { namedWords, names } from "./words.js";

const SCALE = { low: 0, high: 1, step: 0.01 };
/** The traits that the settings, the marks and the names of anchors show. */
const SETTINGS = [
  "playing",
  "method",
  "even_speed",
  "_way",
  "speed",
  "loop",
  "_marks",
  "names",
  "size",
];

/**
 * One view of an interpolator.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {number} initial where it began
 * @param {object} known what is found out while nobody moves
 * @param {ReturnType<typeof import("./speeds.js").createSpeeds>} known.speeds
 * @param {ReturnType<typeof import("../parts/typicality.js").default>} [known.standing]
 * @param {import("./speeds.js").Parts} parts
 * @param {AbortSignal} signal
 */
export function createView(stage, initial, { speeds, standing }, parts, signal) {
  const { model } = stage;
  const look = createPicture(stage, standing, signal);
  const settings = createSettings(model, speeds, signal);
  const slider = createSlider({
    label: "t",
    title: "Place on the path",
    scale: SCALE,
    initial: () => initial,
    current: () => stage.at[0],
    words: (t) => namedWords(model, t),
    digits: 3,
    onMove: move,
    onKey: (key) => key === " " && settings.togglePlaying(),
    onRefuse: (message) => stage.refuse(message),
    signal,
  });
  const go = (/** @type {number} */ t) => move(t, true);
  const { marks, setMarks } = createMarks(go, signal);
  slider.track.append(marks);
  standing?.shade(slider, 0, () => [SCALE.low, SCALE.high], signal);
  const filmstrip = createFilmstrip(stage, go, signal);
  const conditions = createConditions(stage, signal);
  const curve = createSpeedCurve(model, speeds, parts, SCALE, signal);
  const here = element("div", { class: "lw-anchor-names" });
  const followFrames = createFrameBar(stage, slider);
  const body = element("div", { class: "lw-walk lw-moved" }, [
    element("div", { class: "lw-top" }, [
      look.look,
      element("div", { class: "lw-side" }, settings.fields),
    ]),
    element("div", { class: "lw-transport" }, [
      settings.play,
      slider.track,
      slider.number,
      curve.awaited,
    ]),
    here,
    filmstrip.strip,
    conditions.box,
    look.alert, // below all that is moved: nothing moves away from under a thumb
  ]);
  const root = createRoot("interpolator", [body, look.live]);

  /** @param {number} t @param {boolean} rest */
  function move(t, rest) {
    if (model.get("playing")) save(model, "playing", false);
    stage.move(under(stage, [t]), { rest });
    peek(look.picture, true);
    if (rest) stay();
  }

  /** The path was moved, or played, as far as this. */
  function stay() {
    stage.tell();
    peek(look.picture, false);
  }

  /** Show where the stage is; the picture itself is the painter's. */
  function follow() {
    const [t] = stage.at;
    slider.show(t);
    slider.range.setAttribute("aria-description", curve.show(t));
    settings.followGained();
    here.textContent = names(model, t);
    conditions.follow();
    followFrames();
    filmstrip.update();
    look.follow(root);
  }

  function followSettings() {
    settings.follow();
    setMarks(model.get("_marks"), model.get("names"));
    here.hidden = model.get("names").length === 0;
    here.textContent = names(model, stage.at[0]);
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
  }

  for (const name of SETTINGS) model.on(`change:${name}`, followSettings);
  model.on("change:filmstrip", filmstrip.build);
  model.on("change:playing", () => (model.get("playing") ? peek(look.picture, true) : stay()));
  followSettings();
  attach(stage, root, look.repaint, follow, signal);
  return root;
}
