import { stripLevels } from "../stage/strip.js";
import { conditionsOf, replaced, under } from "./conditions.js";

/** Of many choices no more than this are decoded ahead, and for no longer than this. */
const MOST_CHOICES = 64;
const MOST_MS = 30_000;
/** Strips of controls that are not in hand are decoded no finer than this level. */
const DEEPEST = 3;

/** @typedef {import("./conditions.js").About} About */
/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../stage/stage.js").Control} Control */
/** @typedef {import("../stage/strip.js").Strip} Strip */

/**
 * What is worth decoding ahead where there are conditions: along the one in hand first, then what
 * the control itself wants, and along the others while nobody moves.
 * @param {Control & { idle: boolean }} self the control with its conditions
 * @param {Control & { cells?: boolean }} control without them
 * @param {Stage} stage
 * @returns {Iterable<Strip>}
 */
export function* ahead(self, control, stage) {
  const abouts = conditionsOf(stage.model);
  const first = stage.at.length - abouts.length;
  const inHand = stage.axis >= first ? stage.axis : -1;
  if (inHand >= 0 && !control.cells) yield along(stage, abouts[inHand - first], inHand);
  for (const strip of control.strips.call(self, stage)) {
    yield placed(strip, (own) => under(stage, own.slice(0, first)));
  }
  if (!self.idle) return;
  for (const [i, about] of abouts.entries()) {
    const axis = first + i;
    const levels = levelsOf(stage, about, axis, DEEPEST);
    if (!control.cells) {
      if (axis !== inHand) yield { ...along(stage, about, axis), levels };
    } else if (axis === inHand) yield* cellsAlong(stage, control, about, axis, levels);
  }
}

/**
 * All that can be seen at once, at the nearest values of a condition.
 * @param {Stage} stage
 * @param {Control} control
 * @param {About} about
 * @param {number} axis
 * @param {Map<number, number>} levels
 * @returns {Iterable<Strip>}
 */
function* cellsAlong(stage, control, about, axis, levels) {
  const strips = [...control.strips(stage)];
  const cells = strips.reduce((sum, strip) => sum + strip.levels.size, 0);
  const thumb = share(about, stage.at[axis]);
  const near = [...levels.keys()].sort((s, t) => Math.abs(s - thumb) - Math.abs(t - thumb));
  const most = Math.floor(MOST_MS / 3 / Math.max(1, cells * stage.pace.frameMs));
  for (const t of near.slice(0, Math.min(most, 2 * DEEPEST))) {
    for (const strip of strips) {
      yield placed(strip, (own) => replaced(under(stage, own), axis, place(about, t)));
    }
  }
}

/**
 * The frames along one condition, from where all else is.
 * @param {Stage} stage
 * @param {About} about
 * @param {number} axis
 * @returns {Strip}
 */
function along(stage, about, axis) {
  const { at } = stage;
  return {
    levels: levelsOf(stage, about, axis),
    thumb: share(about, at[axis]),
    at: (t) => replaced(at, axis, place(about, t)),
  };
}

/**
 * The positions worth having along a condition, and how coarse each is.
 * @param {Stage} stage
 * @param {About} about
 * @param {number} axis
 * @param {number} [deepest]
 * @returns {Map<number, number>}
 */
function levelsOf({ at, pace: { frameMs }, model }, about, axis, deepest = Infinity) {
  if (!about.choices) {
    const all = stripLevels(model.get("strip_length"), [], frameMs);
    return new Map([...all].filter(([, level]) => level <= deepest));
  }
  const most = Math.min(MOST_CHOICES, Math.max(2, Math.floor(MOST_MS / frameMs)));
  const near = about.choices
    .map((_, i) => i)
    .sort((i, j) => Math.abs(i - at[axis]) - Math.abs(j - at[axis]));
  return new Map(near.slice(0, most).map((i) => [share(about, i), 0]));
}

/** Where a coordinate is, from 0 to 1. @param {About} about @param {number} x */
export function share({ low, high }, x) {
  return high > low ? (x - low) / (high - low) : 0;
}

/** The coordinate at a position from 0 to 1. @param {About} about @param {number} t */
export function place({ low, high, choices }, t) {
  const x = low + t * (high - low);
  return choices ? Math.round(x) : x;
}

/** @param {Strip} strip @param {(own: number[]) => number[]} to @returns {Strip} */
function placed(strip, to) {
  return { ...strip, at: (t) => to(strip.at(t)) };
}
