import { copyText } from "../shared/clipboard.js";
import { element, icon } from "../shared/dom.js";
import { createFilmstrip } from "../shared/filmstrip.js";
import { createPainter } from "../shared/painter.js";
import { createPlayer } from "../shared/player.js";
import { createSlider } from "../shared/slider.js";
import { Stage } from "../shared/stage.js";

const PLAY = "M4 2.5v11l9.5-5.5z";
const PAUSE = "M4 2.5h3v11H4zM9 2.5h3v11H9z";
const SPEEDS = [0.25, 0.5, 1, 2, 4];

/** @typedef {import("@anywidget/types").AnyModel} Model */

export default () => {
  /** @type {Stage} */
  let stage;

  return {
    /** @param {{ model: Model, signal: AbortSignal }} context */
    initialize({ model, signal }) {
      // Motion that nobody asked for is not for those who asked for less of it.
      if (model.get("playing") && matchMedia("(prefers-reduced-motion: reduce)").matches) {
        model.set("playing", false);
        model.save_changes();
      }
      stage = new Stage(model, signal);
      createPlayer(stage, signal);
    },
    /** @param {{ model: Model, el: HTMLElement, signal: AbortSignal }} context */
    render({ model, el, signal }) {
      el.replaceChildren(createView(stage, model, signal));
    },
  };
};

/**
 * One view of an interpolator.
 * @param {Stage} stage
 * @param {Model} model
 * @param {AbortSignal} signal
 */
function createView(stage, model, signal) {
  const canvas = element("canvas", {
    class: "lw-picture",
    width: 1,
    height: 1,
    role: "img",
  });
  const repaint = createPainter(
    canvas,
    () => stage.frame(),
    (frame) => stage.isExact(frame),
    signal,
  );
  const slider = createSlider({
    label: "t",
    initial: stage.initial,
    onMove: move,
    onSpace: togglePlaying,
    signal,
  });
  const filmstrip = createFilmstrip(stage, (t) => move(t, true), signal);
  const play = element("button", { type: "button", class: "lw-button lw-play" });
  const method = menu("Method", model.get("_methods"), (value) => save("method", value), signal);
  const speed = menu("Speed", SPEEDS.map(String), saveSpeed, signal, "×");
  const loop = element("input", { type: "checkbox" });
  const copy = element("button", { type: "button", class: "lw-button", text: "Copy latent" });
  const status = element("div", { class: "lw-status" });
  const alert = element("div", { class: "lw-alert", role: "alert", hidden: true });

  play.addEventListener("click", togglePlaying, { signal });
  loop.addEventListener("change", () => save("loop", loop.checked), { signal });
  copy.addEventListener("click", copyLatent, { signal });

  const root = element("div", { class: "lw-root", "data-lm-suppress-shortcuts": "true" }, [
    element("div", { class: "lw-top" }, [
      canvas,
      element("div", { class: "lw-side" }, [
        method.field,
        speed.field,
        element("label", { class: "lw-check" }, [loop, "Loop"]),
        copy,
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
    stage.move(t, { rest });
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

  function togglePlaying() {
    save("playing", !model.get("playing"));
  }

  async function copyLatent() {
    try {
      await copyText(await stage.latentText(), root);
      copy.textContent = "Copied";
      stage.fail("");
    } catch (error) {
      stage.fail(`The latent could not be copied: ${error}`);
    }
    setTimeout(() => {
      copy.textContent = "Copy latent";
    }, 1500);
  }

  /** Show what the model says; frames are the painter's. */
  function follow() {
    const t = stage.value;
    const frame = stage.frame();
    slider.show(t);
    canvas.setAttribute("aria-label", `Picture at t = ${t.toFixed(3)}`);
    followFrames();
    filmstrip.update();
    const exact = Boolean(frame && stage.isExact(frame));
    status.dataset.lwState = exact ? "exact" : frame ? "near" : "none";
    status.textContent = !frame && stage.error ? "last good picture" : statusText(exact, frame);
    root.setAttribute("aria-busy", String(stage.asker.busy));
    alert.hidden = stage.error === "";
    if (alert.textContent !== stage.error) alert.textContent = stage.error;
  }

  /** Show where frames are, if that has changed. */
  function followFrames() {
    const { version } = stage.store;
    if (version === drawn.version && stage.line === drawn.line) return;
    drawn = { version, line: stage.line };
    const places = stage.store.along(stage.line).map((frame) => frame.at[0] ?? 0);
    slider.setBuffer(places, 0.5 / (model.get("strip_length") - 1));
    slider.track.dataset.lwStrip = String(stage.decodedAhead());
  }

  function followSettings() {
    const playing = model.get("playing");
    play.replaceChildren(icon(playing ? PAUSE : PLAY));
    play.title = playing ? "Pause" : "Play";
    play.setAttribute("aria-label", play.title);
    method.choose(model.get("method"));
    speed.choose(String(model.get("speed")));
    loop.checked = model.get("loop");
    slider.setMarks(model.get("_marks"));
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
  }

  for (const name of ["playing", "method", "speed", "loop", "_marks", "size"]) {
    model.on(`change:${name}`, followSettings);
  }
  model.on("change:filmstrip", filmstrip.build);
  let drawn = { version: -1, line: "" };
  let request = 0;
  stage.listen(() => {
    repaint();
    request ||= requestAnimationFrame(() => {
      request = 0;
      follow();
    });
  }, signal);
  signal.addEventListener("abort", () => cancelAnimationFrame(request));

  const sight = new IntersectionObserver((entries) => {
    stage.see(root, entries.at(-1)?.isIntersecting ?? false);
  });
  sight.observe(root);
  signal.addEventListener("abort", () => {
    sight.disconnect();
    stage.see(root, false);
  });

  followSettings();
  follow();
  repaint();
  return root;
}

/**
 * @param {boolean} exact
 * @param {import("../shared/store.js").StoredFrame | undefined} frame
 */
function statusText(exact, frame) {
  if (!frame) return "decoding…";
  if (!exact) return `nearest: t = ${(frame.at[0] ?? 0).toFixed(3)}`;
  return frame.ms > 0 ? `exact · ${frame.ms.toFixed(frame.ms < 10 ? 1 : 0)} ms` : "exact";
}

/**
 * A labelled menu.
 * @param {string} label
 * @param {string[]} choices
 * @param {(value: string) => void} onChoose
 * @param {AbortSignal} signal
 * @param {string} [unit] written behind each choice
 */
function menu(label, choices, onChoose, signal, unit = "") {
  /** @param {string} value */
  const option = (value) => element("option", { value, text: value + unit });
  const select = element("select", { class: "lw-menu" }, choices.map(option));
  select.addEventListener("change", () => onChoose(select.value), { signal });
  const field = element("label", { class: "lw-field" }, [element("span", { text: label }), select]);
  /** @param {string} value */
  function choose(value) {
    // A value set from Python that the menu does not offer is offered too.
    if (!choices.includes(value)) {
      select.append(option(value));
      choices = [...choices, value];
    }
    select.value = value;
  }
  return { field, choose };
}
