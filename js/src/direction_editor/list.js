import { ownAt } from "../controls/conditions.js";
import { createMenu } from "../controls/menu.js";
import { within } from "../controls/slider.js";
import { atEnd, div, element, listen } from "../dom/element.js";
import { readings, spotsOfFrames } from "./control.js";
import { createFilter } from "./filter.js";
import { createRow } from "./row.js";
import { createScroll } from "./scroll.js";

const LEGEND =
  "σ: standard deviation of the data. Tall line: zero. Dark tick: where the latent lies.";

/** @typedef {import("./row.js").About} About */
/** @typedef {ReturnType<typeof createRow>} Row */

/**
 * How rows can be sorted; those that are alike in this, the newest first.
 * @type {Record<string, (a: Row, b: Row, moved: (row: Row) => number) => number>}
 */
const ORDERS = {
  "as given": () => 0,
  "by name": (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  "by score": (a, b) => b.score() - a.score(),
  "by amount": (a, b, moved) => moved(b) - moved(a),
  "by change": (a, b) => b.change() - a.change(),
};
/** Zero is no nearer to an end of the rows than this, unless all sliders end alike. */
const MARGIN = 0.25;

/**
 * All directions: a row each, found by name, sorted and hidden as the person likes.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {object} on
 * @param {(name: string, held: boolean) => void} on.hold
 * @param {(name: string, full: boolean) => void} on.full
 * @param {(name: string, weights: number[]) => void} on.paint
 * @param {import("./row.js").LayerEffects | undefined} effects
 * @param {{ changes?: import("./row.js").Changes, standing?: import("./row.js").Typicality }} known
 * @param {import("./row.js").Parts} parts
 * @param {AbortSignal} signal
 */
export function createList(stage, on, effects, known, parts, signal) {
  const { model } = stage;
  /** @type {Row[]} */
  let rows = [];
  let chosen = "as given";
  let drawn = "";
  /** @type {About[] | undefined} */
  let built;
  /** @type {Record<string, number>} as which time that rows were made a name came */
  const born = {};
  let times = 0;
  const filter = createFilter(sift, signal);
  const { search, shown, hidden } = filter;
  const order = createMenu("Sort", "The order of the rows", Object.keys(ORDERS), sort, signal);
  const legend = div("lw-legend");
  const key = effects?.createKey(signal);
  const none = element("div", { class: "lw-none", text: "No match", hidden: true });
  const { box, list, follow: followScroll } = createScroll(() => rows, signal);
  atEnd(signal, () => end(rows));
  // Amounts change while a slider is moved, and it is let go of once the event is over.
  const later = () => setTimeout(() => signal.aborted || sort(chosen));
  listen(list, { focusout: later, pointerup: later }, signal);

  /**
   * Make the rows. One stays where the direction of its number has the same name and layers, of which
   * more may be known by now: its slider may be in hand.
   */
  function build() {
    /** @type {About[]} */
    const abouts = model.get("_rows");
    const before = rows;
    rows = abouts.map((about, axis) => {
      if (before[axis]?.learn(about)) return before[axis];
      const hide = () => filter.hide(about.name);
      return createRow(stage, about, axis, { ...on, hide }, known, parts);
    });
    for (const { row, name } of rows) {
      if (!has(before, name)) born[name] = times;
      row.classList.toggle("lw-new", !!times && born[name] === times);
    }
    times++;
    for (const name of hidden) {
      if (!has(rows, name)) hidden.delete(name);
    }
    end(before.filter((old) => !rows.includes(old)));
    built = abouts;
    list.append(...rows.map(({ row }) => row).filter((row) => !row.parentNode), none);
    sort(chosen);
    /** @type {HTMLElement | null} */
    const first = list.querySelector(".lw-new:not([hidden])");
    if (!first || isHeld(list)) return;
    list.scrollTop = first.offsetTop; // with as many of those after it as there is room for
    box.scrollIntoView({ block: "nearest" });
  }

  /**
   * Sort the rows, unless somebody has a slider in hand: a row that moves would be let go of.
   * @param {string} name one of `ORDERS`
   */
  function sort(name) {
    chosen = name;
    const sorted = [...rows].sort(
      (a, b) => ORDERS[name](a, b, ({ axis }) => moved(axis)) || born[b.name] - born[a.name],
    );
    // What is taken out of the page and put back, for a moment, loses the focus.
    if (!isHeld(list) && sorted.some(({ row }, i) => row !== list.children[i])) {
      list.append(...sorted.map(({ row }) => row), none);
    }
    sift();
  }

  /** @param {number} axis */
  function moved(axis) {
    return Math.abs(stage.at[axis] - model.get("_origin")[axis]);
  }

  /** Show the rows that are looked for. */
  function sift() {
    for (const { row, name } of rows) row.hidden = !filter.sees(name);
    none.hidden = rows.some(({ row }) => !row.hidden);
    count();
    followScroll();
  }

  function count() {
    filter.count(rows.filter(({ name, axis }) => hidden.has(name) && moved(axis)).length);
  }

  function followSettings() {
    if (model.get("_rows") !== built) build();
    const zero = zeroOf(model.get("_ranges"));
    for (const row of rows) row.followSettings(zero);
    drawn = "";
    follow();
  }

  function follow() {
    if (rows.length !== ownAt(stage).length) return; // the rows of other directions: new ones are about to come
    const all = readings(model, stage.at);
    for (const row of rows) row.follow(all[row.axis], effects?.of(row.name));
    legend.textContent = LEGEND + (key?.follow() ?? "");
    const state = `${stage.store.version} ${stage.route} ${stage.at}`;
    if (state === drawn) return;
    drawn = state;
    count();
    const reach = 0.5 / (model.get("strip_length") - 1);
    for (const [axis, spots] of spotsOfFrames(stage).entries()) {
      rows[axis].setBuffer(spots, reach);
    }
  }

  const act = key?.button;
  return { box, search, order, shown, legend, act, follow, followScroll, followSettings };
}

/** Whether somebody has a slider in hand. @param {HTMLElement} list */
function isHeld(list) {
  const { activeElement } = /** @type {Document} */ (list.getRootNode()); // in another window too
  return list.contains(activeElement) || list.matches(":active");
}

/** @param {Row[]} rows */
function end(rows) {
  for (const { row, life } of rows) {
    life.abort();
    row.remove();
  }
}

/** @param {Row[]} rows @param {string} name */
function has(rows, name) {
  return rows.some((row) => row.name === name);
}

/**
 * Where zero lies in all rows, from 0 to 1: where most of what sliders reach is seen.
 * @param {[number, number][]} ranges
 */
export function zeroOf(ranges) {
  const places = ranges.map(([low, high]) => within(low / (low - high), 0, 1));
  const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
  if (places.every((place) => Math.abs(place - mean) < 0.01)) return mean;
  return within(mean, MARGIN, 1 - MARGIN);
}
