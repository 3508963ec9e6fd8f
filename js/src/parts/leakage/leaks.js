import { sigmas } from "../../controls/sigmas.js";

/** Changes of fewer standard deviations are not worth a word. */
export const LEAST = 0.1;
/** So many are shown at most, beside those that are held: on two lines, where names are short. */
const MOST = 8;

/** @typedef {import("@anywidget/types").AnyModel} Model */
/**
 * What an edit moves besides what was meant.
 * @typedef {object} Leak
 * @property {string} name of a direction, or of what else measures
 * @property {number | null} [effect] the change of what it says; null where that has no unit, none where it is held and not measured
 * @property {number | null} [chance] what random moves do that are as long
 * @property {string} [note] whether what reads was held out
 * @property {boolean} [waits] whether it is being measured anew
 */

/**
 * What the kernel says of an edit.
 * @typedef {import("../../stage/replies.js").LeakageAnswer & { state: string, at: number[] }} Known
 */

/** A change in words. @param {number | null} [effect] */
export function written(effect) {
  return typeof effect === "number" ? sigmas(effect) : "changes";
}

/**
 * What is said of a change, sentence by sentence.
 * @param {string} name
 * @param {number | null} [effect]
 * @param {number | null} [chance]
 */
export function said(name, effect, chance) {
  if (effect === undefined) return [`What ${name} reads is not measured.`];
  const by = effect === null ? "" : ` by ${sigmas(effect)}`;
  const change = `What ${name} reads of what is decoded changes${by}.`;
  if (typeof chance !== "number") return [change];
  return [change, `Random moves as long: ±${sigmas(chance).replace(/^[+−]/, "")}.`];
}

/** Whether random moves that are as long change as much. @param {Omit<Leak, "name">} leak */
export function isRandom({ effect, chance }) {
  if (effect === null) return chance === null;
  return effect !== undefined && Math.abs(effect) <= (chance ?? 0);
}

/** How large a change is; what has no unit is shown first. @param {Leak} leak */
function sizeOf({ effect }) {
  return Math.abs(effect ?? Number.POSITIVE_INFINITY);
}

/** The number of a direction; -1 of what is none. @param {Model} model @param {string} name */
export function rowOf(model, name) {
  /** @type {{ name: string }[]} */
  const rows = model.get("_rows");
  return rows.findIndex((row) => row.name === name);
}

/**
 * What an edit moves besides the directions that were moved: all that is held, then the largest
 * change first, and last what random moves change as much.
 * @param {Model} model
 * @param {Known} known
 * @param {string} focused what has the focus, and stays however little it changes
 * @returns {Leak[]}
 */
export function leaksOf(model, { at, names, effects, chance, notes }, focused) {
  const origin = model.get("_origin");
  const others = names
    .map((name, i) => ({ name, effect: effects[i], chance: chance[i], note: notes[i] }))
    .filter(({ name }) => {
      const row = rowOf(model, name);
      return row < 0 || at[row] === origin[row];
    })
    .sort((a, b) => Number(isRandom(a)) - Number(isRandom(b)) || compare(sizeOf(b), sizeOf(a)));
  /** @type {string[]} */
  const holds = model.get("hold");
  const held = others.filter(({ name }) => holds.includes(name));
  // What is held can be let go of, measured or not; and held again, as long as it has the focus.
  const stays = new Set(focused ? [...holds, focused] : holds);
  const rest = [...stays].filter((name) => !names.includes(name)).map((name) => ({ name }));
  const free = others.filter((one) => !held.includes(one));
  const large = free.filter((one) => sizeOf(one) >= LEAST).slice(0, MOST);
  return [...held, ...rest, ...free.filter((one) => large.includes(one) || one.name === focused)];
}

/** @param {number} a @param {number} b */
function compare(a, b) {
  return a === b ? 0 : a - b;
}
