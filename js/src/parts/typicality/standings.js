import { askWhileIdle, stateOf } from "../../controls/idle.js";

/** A slider is judged at so many places. */
export const PLACES = 33;

/** @typedef {import("../../stage/replies.js").Standing} Standing */
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
/** @typedef {ReturnType<typeof createStandings>} Standings */

/**
 * Find out, once nobody moves, where the latent stands among ordinary ones, and then where sliders
 * leave these.
 * @param {import("../../stage/stage.js").Stage} stage
 * @param {AbortSignal} signal ends with the widget
 */
export function createStandings(stage, signal) {
  /** @type {{ state: string, standing: Standing, words: string } | undefined} */
  let known;
  /** @type {Map<number, Track>} by the number of the coordinate */
  const tracks = new Map();
  /** @type {Set<Shaded>} */
  const shaded = new Set();
  /** There is nothing to compare with, and never will be. */
  let none = false;
  /** Why that is, or what went wrong. */
  let why = "";
  /** The state in which something went wrong: it would go wrong again. */
  let failed = "";

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

  /**
   * What was found at a value of a slider, if it leads along the same line still.
   * @param {number} axis
   * @param {() => number[]} ends
   * @param {number} value
   */
  function standingAt(axis, ends, value) {
    const last = tracks.get(axis);
    if (!last || value < last.low || value > last.high) return undefined;
    const track = trackOf(axis, ends);
    return track && placeOf(track, value);
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
      if (answer?.places.length === 0) {
        none = true;
        why = answer.words;
      } else if (answer) take(answer, state);
    } catch (error) {
      failed = state;
      why = /** @type {Error} */ (error).message;
    }
  }

  /** @param {import("../../stage/replies.js").TypicalityAnswer} answer @param {string} state */
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

  /** All that is known of the latent of now. */
  function found() {
    // What fails along a slider leaves the verdict on this place as it is.
    const fails = failed === stateOf(stage) && known?.state !== failed;
    return {
      none,
      fails,
      why: none || fails ? why : "",
      now: standing(),
      words: known?.words ?? "",
    };
  }

  askWhileIdle(stage, next, signal);
  return { shaded, trackOf, standingAt, found };
}

/** What was found at the place of a track that is nearest to a value. @param {Track} track @param {number} value */
function placeOf({ low, high, places }, value) {
  const place = Math.round(((value - low) / (high - low)) * (PLACES - 1));
  return places[Math.min(PLACES - 1, Math.max(0, place))];
}
