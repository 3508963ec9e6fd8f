import { replaced, withConditions } from "../controls/conditions.js";
import { addSpot, noSpots } from "../controls/slider.js";
import { distance } from "../frames/store.js";
import { stripLevels } from "../stage/strip.js";

/** While nobody moves, the strips of the other sliders are decoded anew, but no finer than this level, and in no more time than this, all together. */
const DEEPEST = 4;
const MOST_MS = 30_000;
/** Of many sliders, only this many above and below the one in hand have theirs decoded anew. */
const NEAR = 16;

/** @typedef {import("@anywidget/types").AnyModel} Model */
/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../stage/strip.js").Strip} Strip */

/**
 * An editor has one coordinate for each direction; its model holds them by name.
 * @param {Model} model
 * @returns {import("../stage/stage.js").Control & { idle: boolean }}
 */
export function createControl(model) {
  return withConditions(model, {
    idle: false,
    read() {
      const value = model.get("value");
      return names(model).map((name) => value[name] ?? 0);
    },
    write: (at) => model.set("value", byName(model, at)),
    *strips(stage) {
      const fine = stripLevels(model.get("strip_length"), [], stage.pace.frameMs);
      const count = names(model).length;
      if (stage.axis < count) yield strip(stage, stage.axis, fine);
      if (!this.idle) return;
      // What is used now is given up last: the strip of the slider in hand stays.
      for (const frame of stage.store.along(stage.route)) {
        if (distance(frame.at, stage.at, stage.axis) === 0) stage.store.touch(frame);
      }
      const near = names(model)
        .map((_, axis) => axis)
        .filter((axis) => Math.abs(axis - Math.min(stage.axis, count - 1)) <= NEAR);
      // First all of them coarsely, then all of them a level finer, and so on.
      for (let level = 0; level <= DEEPEST; level++) {
        const coarse = new Map([...fine].filter(([, of]) => of <= level));
        if (coarse.size * near.length * stage.pace.frameMs > MOST_MS) return;
        for (const axis of near) yield strip(stage, axis, coarse);
      }
    },
  });
}

/**
 * Move one slider; the others stay.
 * @param {Stage} stage
 * @param {number} axis
 * @param {number} amount
 * @param {boolean} rest
 */
export function moveAlong(stage, axis, amount, rest) {
  stage.grab(axis);
  stage.move(replaced(stage.at, axis, amount), { rest });
}

/**
 * Where frames are on every slider, from 0 to 1. A frame belongs on a slider if it differs from the
 * edit on that slider alone.
 * @param {Stage} stage
 */
export function spotsOfFrames(stage) {
  /** @type {[number, number][]} */
  const ranges = stage.model.get("_ranges");
  const spots = ranges.map(noSpots);
  for (const frame of stage.store.along(stage.route)) {
    const { at } = frame;
    if (at.length !== stage.at.length) continue;
    const moved = at.flatMap((x, axis) => (x === stage.at[axis] ? [] : [axis]));
    if (moved.length > 1) continue;
    for (const axis of moved.length ? moved : spots.keys()) {
      if (axis >= ranges.length) continue; // a condition
      const [low, high] = ranges[axis];
      addSpot(spots[axis], (at[axis] - low) / (high - low), frame);
    }
  }
  return spots;
}

/**
 * Amounts by the names of their directions.
 * @param {Model} model
 * @param {number[]} at
 */
export function byName(model, at) {
  return Object.fromEntries(names(model).map((name, i) => [name, at[i]]));
}

/**
 * What the readouts say of every base after an edit.
 * @param {Model} model
 * @param {number[]} at
 * @returns {number[][]} one row a direction, one number a base
 */
export function readings(model, at) {
  /** @type {number[][]} */
  const starts = model.get("_starts");
  const moved = [...starts[0].keys()].filter((j) => at[j] !== starts[0][j]);
  return model
    .get("_gains")
    .map((/** @type {number[]} */ row, /** @type {number} */ i) =>
      model
        .get("_readings")
        .map((/** @type {number[]} */ own, /** @type {number} */ base) =>
          moved.reduce((sum, j) => sum + row[j] * (at[j] - starts[base][j]), own[i]),
        ),
    );
}

/**
 * @param {Model} model
 * @returns {string[]}
 */
function names(model) {
  return model.get("_rows").map((/** @type {{ name: string }} */ { name }) => name);
}

/**
 * @param {Stage} stage
 * @param {number} axis
 * @param {Map<number, number>} levels
 * @returns {Strip}
 */
function strip(stage, axis, levels) {
  const [low, high] = stage.model.get("_ranges")[axis];
  const { at } = stage;
  return {
    levels,
    thumb: (at[axis] - low) / (high - low),
    at: (t) => replaced(at, axis, amountAt(stage.model, axis, t)),
  };
}

/**
 * The amount at a position of a slider, from 0 to 1.
 * @param {Model} model
 * @param {number} axis
 * @param {number} t
 */
export function amountAt(model, axis, t) {
  const [low, high] = model.get("_ranges")[axis];
  return low + t * (high - low);
}
