import { conditionWords, createConditions, under } from "../controls/conditions.js";
import { createFilmstrip } from "../controls/filmstrip.js";
import { save } from "../controls/save.js";
import { addSpot, createSlider, noSpots } from "../controls/slider.js";
import { createSpoken } from "../controls/spoken.js";
import { attach, createActions, createRoot, createStatus, peek } from "../controls/view.js";
import { element } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";
import { distance } from "../frames/store.js";
import { decodedAhead } from "./control.js";
import { createMarks, namesAt } from "./marks.js";
import { createSettings } from "./settings.js";
import { LEGEND } from "./speeds.js";

/** What helps where latents are shorter than those of the prior. */
const GAUSSIAN = " The method “gaussian” keeps within the prior where anchors do.";
const SCALE = { low: 0, high: 1, step: 0.01 };

/** @typedef {import("../stage/stage.js").Stage} Stage */

/**
 * One view of an interpolator.
 * @param {Stage} stage
 * @param {number} initial where it began
 * @param {object} known what is found out while nobody moves
 * @param {ReturnType<typeof import("./speeds.js").createSpeeds>} known.speeds
 * @param {ReturnType<typeof import("../parts/typicality.js").default>} [known.standing]
 * @param {import("./speeds.js").Parts} parts
 * @param {AbortSignal} signal
 */
export function createView(stage, initial, { speeds, standing }, parts, signal) {
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
  const settings = createSettings(model, speeds, signal);
  const slider = createSlider({
    label: "t",
    scale: SCALE,
    initial: () => initial,
    current: () => stage.at[0],
    words: namedWords,
    digits: 3,
    onMove: move,
    onKey: (key) => key === " " && settings.togglePlaying(),
    onRefuse: (message) => stage.refuse(message),
    signal,
  });
  const { marks, setMarks } = createMarks((t) => move(t, true), signal);
  slider.track.append(marks);
  standing?.shade(slider, 0, () => [SCALE.low, SCALE.high], signal);
  const filmstrip = createFilmstrip(stage, (t) => move(t, true), signal);
  const conditions = createConditions(stage, signal);
  const { status, alert, follow: followStatus } = createStatus(stage, placeWords);
  const spoken = createSpoken(
    stage,
    ([t, ...rest]) => namedWords(t) + conditionWords(model, [t, ...rest]),
    picture,
  );
  // Where the curve will be: nothing below moves when it comes.
  const awaited = element("div", { class: "lw-awaited" });
  /** @type {ReturnType<NonNullable<import("./speeds.js").Parts["curve"]>> | undefined} */
  let curve;
  const here = element("div", { class: "lw-anchor-names" });
  const root = createRoot("interpolator", [
    element("div", { class: "lw-top" }, [
      element("div", { class: "lw-left lw-look" }, [
        picture,
        element("div", { class: "lw-tools" }, [
          status,
          createActions(stage, "interpolator", signal),
        ]),
        ...(standing ? [standing.gauge(signal, advice)] : []),
      ]),
      element("div", { class: "lw-side" }, settings.fields),
    ]),
    alert,
    element("div", { class: "lw-transport" }, [
      settings.play,
      slider.track,
      slider.number,
      awaited,
    ]),
    here,
    filmstrip.strip,
    conditions.box,
    spoken.live,
  ]);
  const followFrames = createFrameBar(stage, slider);

  /** @param {string} test that fails */
  function advice(test) {
    const helps = test === "norm" && model.get("method") !== "gaussian";
    return helps && model.get("_methods").includes("gaussian") ? GAUSSIAN : "";
  }

  /** @param {number[]} at */
  function placeWords(at) {
    return words(at[0]) + conditionWords(model, at, stage.at);
  }

  /** At which anchor a place is, by name. @param {number} t */
  function names(t) {
    return namesAt(t, model.get("_marks"), model.get("names"));
  }

  /** @param {number} t */
  function namedWords(t) {
    return [words(t), names(t)].filter(Boolean).join(", ");
  }

  /** @param {number} t @param {boolean} rest */
  function move(t, rest) {
    if (model.get("playing")) save(model, "playing", false);
    stage.move(under(stage, [t]), { rest });
    peek(picture, true);
    if (rest) stay();
  }

  /** The path was moved, or played, as far as this. */
  function stay() {
    stage.tell();
    peek(picture, false);
  }

  /** Show where the stage is; the picture itself is the painter's. */
  function follow() {
    const [t] = stage.at;
    slider.show(t);
    followSpeeds(t);
    here.textContent = names(t);
    picture.ariaLabel = `${kind.word} at ${namedWords(t)}${conditionWords(model, stage.at)}`;
    conditions.follow();
    followFrames();
    filmstrip.update();
    followStatus(root);
    spoken.follow();
  }

  /** Draw the speed along the path, and say what it is at the thumb. @param {number} t */
  function followSpeeds(t) {
    const known = speeds.curve();
    if (known && !curve && parts.curve) {
      curve = parts.curve({ legend: LEGEND, unit: "×", signal });
      awaited.before(curve.root);
    }
    const said = curve?.show(known, SCALE, t) ?? "";
    slider.range.setAttribute("aria-description", said);
    awaited.hidden = said !== "" || !model.get("_way").drawn;
    if (!awaited.hidden) awaited.textContent = speeds.words();
    settings.followGained();
  }

  function followSettings() {
    settings.follow();
    setMarks(model.get("_marks"), model.get("names"));
    here.hidden = model.get("names").length === 0;
    here.textContent = names(stage.at[0]);
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
  }

  for (const name of [
    "playing",
    "method",
    "even_speed",
    "_way",
    "speed",
    "loop",
    "_marks",
    "names",
    "size",
  ]) {
    model.on(`change:${name}`, followSettings);
  }
  model.on("change:filmstrip", filmstrip.build);
  model.on("change:playing", () => (model.get("playing") ? peek(picture, true) : stay()));
  followSettings();
  attach(stage, root, repaint, follow, signal);
  return root;
}

/**
 * Keep the bar under a slider in step with the frames there are.
 * @param {Stage} stage
 * @param {ReturnType<typeof createSlider>} slider
 * @returns {() => void} shows where they are, if that has changed
 */
function createFrameBar(stage, slider) {
  let drawn = "";
  return () => {
    const { route, store } = stage;
    const state = `${store.version} ${route} ${stage.at.slice(1)}`;
    if (state === drawn) return;
    drawn = state;
    const spots = noSpots();
    for (const frame of store.along(route)) {
      if (distance(frame.at, stage.at, 0) === 0) addSpot(spots, frame.at[0] ?? 0, frame);
    }
    slider.setBuffer(spots, 0.5 / (stage.model.get("strip_length") - 1));
    slider.track.dataset.lwStrip = String(decodedAhead(stage));
  };
}

/** @param {number} t */
function words(t) {
  return `t = ${t.toFixed(3)}`;
}
