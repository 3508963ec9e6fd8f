import { createButton } from "../controls/button.js";
import { askWhileIdle, stateOf } from "../controls/idle.js";
import { bufferedGradient } from "../controls/slider.js";
import { element, listen } from "../dom/element.js";
import { importCode } from "../loader/index.js";

/** A slider is judged at so many places. */
const PLACES = 33;
/** How the shade on a slider is explained, before what is wrong there. */
const ASTRAY = "Here the latent leaves what is ordinary:";

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../stage/replies.js").Standing} Standing */
/**
 * What was found out along a slider.
 * @typedef {object} Track
 * @property {string} route of what was edited
 * @property {number[]} at where all sliders stood; its own may have moved since
 * @property {number} low
 * @property {number} high
 * @property {Standing[]} places at even steps from low to high
 */
/**
 * A slider that is shaded.
 * @typedef {object} Shaded
 * @property {number} axis
 * @property {() => number[]} ends the least and the most of it
 * @property {(track: Track | undefined) => void} show
 */

/**
 * Where the latent stands among ordinary ones, and where sliders leave these: found out once nobody
 * moves, and shown by all views.
 * @param {Stage} stage
 * @param {AbortSignal} signal ends with the widget
 */
export default function createTypicality(stage, signal) {
  const { model } = stage;
  /** @type {{ state: string, standing: Standing, words: string } | undefined} */
  let known;
  /** @type {Map<number, Track>} by the number of the coordinate */
  const tracks = new Map();
  /** @type {Set<Shaded>} */
  const shaded = new Set();
  /** @type {Set<() => void>} */
  const gauges = new Set();
  /** There is nothing to compare with. */
  let none = false;
  /** What went wrong then. */
  let why = "";
  /** The state in which something went wrong: it would go wrong again. */
  let failed = "";
  let request = 0;

  /**
   * What was found along a slider, if it leads along the same line still: no other has moved.
   * @param {number} axis
   * @param {() => number[]} ends
   */
  function trackOf(axis, ends) {
    const track = tracks.get(axis);
    if (track?.route !== stage.route || track.at.length !== stage.at.length) return undefined;
    const [low, high] = ends();
    const same = track.low === low && track.high === high;
    return same && track.at.every((x, i) => i === axis || x === stage.at[i]) ? track : undefined;
  }

  /** The slider to judge next: those in hand, and near to it, come first. */
  function nextSlider() {
    const away = (/** @type {Shaded} */ one) => Math.abs(one.axis - stage.axis);
    const old = [...shaded].filter(({ axis, ends }) => !trackOf(axis, ends));
    return old.sort((a, b) => away(a) - away(b))[0];
  }

  function next() {
    if (none || failed === stateOf(stage)) return undefined;
    if (known?.state !== stateOf(stage)) return () => ask([], take);
    const slider = nextSlider();
    return slider && (() => askAlong(slider));
  }

  /** @param {number[][]} positions @param {(answer: any, state: string) => void} take */
  async function ask(positions, take) {
    const state = stateOf(stage);
    try {
      const answer = await stage.mailbox.inquire("typicality", stage, { positions });
      none ||= answer?.places.length === 0;
      if (answer && !none) take(answer, state);
    } catch (error) {
      failed = state;
      why = /** @type {Error} */ (error).message;
    }
  }

  /** @param {import("../stage/replies.js").TypicalityAnswer} answer @param {string} state */
  function take({ places, words }, state) {
    known = { state, standing: places[0], words };
  }

  /** @param {Shaded} slider */
  function askAlong({ axis, ends }) {
    const [low, high] = ends();
    const { route, at } = stage;
    const positions = Array.from({ length: PLACES }, (_, i) =>
      at.map((x, j) => (j === axis ? low + (i / (PLACES - 1)) * (high - low) : x)),
    );
    return ask(positions, ({ places }) => {
      tracks.set(axis, { route, at, low, high, places: places.slice(1) });
    });
  }

  /**
   * Where the latent of now stands, as far as that is known: of a slider in hand from what was found
   * along it.
   * @returns {{ standing: Standing, old: boolean } | undefined}
   */
  function standing() {
    if (known?.state === stateOf(stage)) return { standing: known.standing, old: false };
    const last = tracks.get(stage.axis);
    const track = last && trackOf(stage.axis, () => [last.low, last.high]);
    if (track) {
      const value = stage.at[stage.axis];
      // A typed number may lie beyond the slider, of which nothing is known yet.
      const old = value < track.low || value > track.high;
      return { standing: placeOf(track, value), old };
    }
    return known && { standing: known.standing, old: true };
  }

  function follow() {
    request = 0;
    for (const { axis, ends, show } of shaded) show(trackOf(axis, ends));
    for (const gauge of gauges) gauge();
  }

  askWhileIdle(stage, next, signal);
  stage.listen(() => {
    request ||= requestAnimationFrame(follow);
  }, signal);
  signal.addEventListener("abort", () => cancelAnimationFrame(request));

  /**
   * The gauge of one view, and below it the nearest of the data where somebody wants to see them.
   * @param {AbortSignal} signal
   * @param {(test: string) => string} [advice] what can be done where a test fails
   */
  function gauge(signal, advice = () => "") {
    const needle = element("div", { class: "lw-needle" });
    const verdict = element("span", { class: "lw-verdict" });
    const meter = element("div", { class: "lw-meter", "aria-hidden": "true" }, [needle]);
    const root = element("div", {
      class: "lw-standing",
      role: "group",
      "aria-label": "Typicality",
    });
    const line = element("div", { class: "lw-gauge" }, [meter, verdict]);
    const near = createButton("Nearest data", NEAREST, toggle, signal);
    /** @type {ReturnType<typeof import("./neighbours.js").default> | undefined} */
    let neighbours;
    let coming = false;
    near.ariaExpanded = "false";
    near.hidden = !model.get("_neighbours");
    near.classList.add("lw-opener");
    root.append(line, near);

    async function toggle() {
      if (coming) return; // a second click of who waits for the first
      if (!neighbours) {
        coming = true;
        try {
          const { module } = await importCode(model, model.get("_neighbours"));
          const { default: create } = /** @type {typeof import("./neighbours.js")} */ (module);
          neighbours = create(stage, signal);
          root.append(neighbours.root);
        } finally {
          coming = false;
        }
      }
      near.ariaExpanded = String(neighbours.toggle());
    }

    function show() {
      const now = standing();
      // What fails along a slider leaves the verdict on this place as it is.
      const fails = failed === stateOf(stage) && known?.state !== failed;
      line.hidden = none;
      meter.hidden = fails;
      if (none || fails || !now) {
        verdict.textContent = `typicality: ${fails ? "not known" : "found out while you rest"}`;
        verdict.title = fails ? why : "";
        return;
      }
      const { p, test, words, details } = now.standing;
      verdict.textContent = words;
      verdict.title = `${words}. ${details}. ${known?.words ?? ""}${advice(test)}`;
      line.classList.toggle("lw-odd", test !== "");
      line.classList.toggle("lw-old", now.old);
      line.dataset.lwRarity = String(p);
      // The root leaves room for the few that are atypical.
      needle.style.left = `${100 * Math.sqrt(p)}%`;
    }

    gauges.add(show);
    signal.addEventListener("abort", () => gauges.delete(show));
    show();
    return root;
  }

  /**
   * Shade a slider where it leaves what is ordinary, and say so of its value and of the mouse.
   * @param {{ track: HTMLElement, range: HTMLElement, remark: (value: number) => string }} slider
   * @param {number} axis the number of its coordinate
   * @param {() => number[]} ends its least and its most
   * @param {AbortSignal} signal
   */
  function shade(slider, axis, ends, signal) {
    const { track, range } = slider;
    const shadow = element("div", { class: "lw-astray", "aria-hidden": "true" });
    track.prepend(shadow);
    /** @type {Track | undefined} */
    let shown;

    /** @param {Track | undefined} found */
    function show(found) {
      if (found === shown) return;
      shown = found;
      const places = found?.places ?? [];
      const odd = places.flatMap(({ test }, i) => (test ? [i / (PLACES - 1)] : []));
      shadow.style.backgroundImage = bufferedGradient(odd, 0.5 / (PLACES - 1), "var(--lw-warn)");
      shadow.dataset.lwPlaces = String(odd.length);
      if (!found) range.title = "";
    }

    /** What is said of a value where the slider is shaded. @param {number} value */
    function explain(value) {
      const last = tracks.get(axis);
      if (!last || value < last.low || value > last.high) return "";
      const track = trackOf(axis, ends);
      if (!track) return "";
      const { test, words } = placeOf(track, value);
      return test && `${ASTRAY} ${words}.`;
    }

    /** @param {PointerEvent} event */
    function point({ clientX }) {
      const { left, width } = shadow.getBoundingClientRect();
      if (width === 0) return;
      const [low, high] = ends();
      // The shade begins and ends where the middle of the thumb does: half a thumb from the edge.
      const share = Math.min(1, Math.max(0, (clientX - left) / width));
      range.title = explain(low + share * (high - low));
    }

    const one = { axis, ends, show };
    shaded.add(one);
    slider.remark = (value) => {
      const words = explain(value);
      return words && `. ${words}`;
    };
    listen(range, { pointermove: point, pointerleave: () => (range.title = "") }, signal);
    signal.addEventListener("abort", () => shaded.delete(one));
  }

  return { gauge, shade };
}

const NEAREST = "The latents of the data that are nearest to this one";

/** What was found at the place of a track that is nearest to a value. @param {Track} track @param {number} value */
function placeOf({ low, high, places }, value) {
  const place = Math.round(((value - low) / (high - low)) * (PLACES - 1));
  return places[Math.min(PLACES - 1, Math.max(0, place))];
}
