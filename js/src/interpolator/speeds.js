import { askWhileIdle } from "../controls/idle.js";

/** @typedef {import("../parts/curve.js").Curve} Curve */

/** What is to be seen, for who has never seen it. */
export const LEGEND =
  "Line: how fast the output changes; dashed: on average; red: where it changes abruptly. ";

/**
 * Parts whose code comes from the kernel where they are needed.
 * @typedef {object} Parts
 * @property {typeof import("../parts/curve.js").default} [curve] draws the speed
 * @property {typeof import("../parts/typicality.js").default} [typicality] where the latent stands
 */

/**
 * What the kernel says of the path.
 * @typedef {object} Way
 * @property {boolean} sought whether the path is still to be found: until then another is shown
 * @property {string} words what was gained by finding it
 * @property {boolean} drawn whether the speed is drawn under the slider
 * @property {boolean} even whether there can be an even speed
 */

/**
 * How fast the output changes along the path. It is asked for while nobody moves; where the path
 * itself is still to be found, the kernel finds it first.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {AbortSignal} signal
 */
export function createSpeeds(stage, signal) {
  const { model } = stage;
  /** @type {{ route: string, state: string, curve?: Curve, doubted?: Curve, words: string } | undefined} */
  let known;
  /** What paths between samples of the prior have, in words, and of which path that was asked. */
  let chance = { state: "", words: "", saved: "" };
  /** @type {{ curve?: Curve, chance?: typeof chance, both?: Curve }} the two, once joined */
  let joined = {};
  /** The path that was sought last, and could not be found. */
  let missed = "";

  /** The speed depends on the path and on conditions, not on where the thumb is. */
  function state() {
    return `${stage.route} ${stage.at.slice(1)}`;
  }

  /** @returns {Way} */
  function way() {
    return model.get("_way");
  }

  function isKnown() {
    return known?.state === state();
  }

  /** What the path is that is sought: until it is found, one that is known already is shown. */
  function aim() {
    return `${state()} ${model.get("method")} ${model.get("even_speed")}`;
  }

  /** What there is to ask: first the path, then its curve, and last what chance does. */
  function next() {
    const { sought, drawn, words } = way();
    if (sought ? missed !== aim() : drawn && !isKnown()) return ask;
    const saved = model.get("method") === "geodesic" && words !== "";
    const told = !sought && ((drawn && known?.curve) || saved);
    return told && chance.state !== state() ? askChance : undefined;
  }

  async function askChance() {
    const asked = state();
    try {
      const found = await stage.mailbox.inquire("speeds", stage, { chance: true });
      // Nothing where the question was dropped: it is asked again.
      if (found) chance = { state: asked, words: found.curve.words, saved: found.curve.saved };
    } catch (error) {
      const words = `What chance does is not known: ${/** @type {Error} */ (error).message}`;
      chance = { state: asked, words, saved: words };
    }
  }

  async function ask() {
    const asked = { route: stage.route, state: state(), words: "" };
    const sought = way().sought ? aim() : "";
    try {
      const found = await stage.mailbox.inquire("speeds", stage, { chance: false });
      const curve = found && drawnOf(found.curve);
      const doubted = curve && { ...curve, doubt: "Measured under other conditions." };
      if (found) known = { ...asked, curve, doubted, words: found.curve.words };
    } catch (error) {
      const what = sought ? "path could not be found" : "speed could not be measured";
      if (sought) missed = sought;
      else known = asked;
      stage.fail(`The ${what}: ${/** @type {Error} */ (error).message}`);
    }
  }

  askWhileIdle(stage, next, signal);
  for (const name of ["_way", "method", "even_speed"]) {
    model.on(`change:${name}`, () => stage.changed());
  }
  model.on("change:speed_curve", () => {
    known = undefined;
    chance = { state: "", words: "", saved: "" };
    stage.changed();
  });
  return {
    /** What is drawn; until it is known for these conditions, that of others. */
    curve() {
      if (!way().drawn || known?.route !== stage.route) return undefined;
      if (!isKnown()) return known.doubted;
      const { curve } = known;
      if (!curve || chance.state !== known.state || chance.words === "") return curve;
      // The same object as before where nothing is new: what is drawn is compared.
      if (joined.curve !== curve || joined.chance !== chance) {
        joined = { curve, chance, both: { ...curve, words: `${curve.words} ${chance.words}` } };
      }
      return joined.both;
    },
    /** What is to be said in place of a curve. */
    words() {
      if (way().sought && missed === aim()) return "";
      return isKnown() ? (known?.words ?? "") : "Speed of the output: measured while you rest.";
    },
    /** What geodesics between samples of the prior save, once that is known. */
    saved: () => (chance.state === state() ? chance.saved : ""),
    /** Whether the path was looked for, and not found. */
    failed: () => way().sought && missed === aim(),
  };
}

/**
 * @param {import("../stage/replies.js").SpeedCurve} curve
 * @returns {Curve | undefined}
 */
function drawnOf({ points, abrupt, words }) {
  if (points.length === 0) return undefined;
  const reach = 0.75 / (points.length - 1);
  return {
    points: points.map(([at, value]) => ({
      at,
      value,
      low: null,
      high: null,
      chance: null,
      damaged: false,
      words: `t = ${at.toFixed(3)}: ${value.toFixed(2)} × the mean speed${abrupt.some((place) => Math.abs(place - at) < reach) ? ", abrupt" : ""}`,
    })),
    abrupt,
    base: 1,
    damage: [null, null],
    cuts: false,
    doubt: "",
    words,
    full: false,
  };
}
