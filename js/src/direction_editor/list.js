import { createButton } from "../controls/button.js";
import { ownAt } from "../controls/conditions.js";
import { createMenu } from "../controls/menu.js";
import { element } from "../dom/element.js";
import { readings, spotsOfFrames } from "./control.js";
import { createRow } from "./row.js";

const LEGEND =
  "σ: the standard deviation of the data. Dark tick: where the latent lies along a direction.";
const CELLS = " Cells: the layers it acts at; dashed, in part.";
const FILL = " Fill: how much a layer changes the output, per σ.";

/** @typedef {import("./row.js").About} About */
/** @typedef {ReturnType<typeof createRow>} Row */

/**
 * How rows can be sorted.
 * @type {Record<string, (a: Row, b: Row, moved: (row: Row) => number) => number>}
 */
const ORDERS = {
  "as given": (a, b) => a.axis - b.axis,
  "by name": (a, b) => a.about.name.localeCompare(b.about.name, undefined, { numeric: true }),
  "by score": (a, b) => (b.about.score ?? -1e9) - (a.about.score ?? -1e9),
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
  const search = element("input", {
    type: "search",
    class: "lw-search",
    placeholder: "Search",
    "aria-label": "Search directions",
  });
  const order = createMenu("Sort", Object.keys(ORDERS), sort, signal);
  const legend = element("div", {
    class: "lw-legend",
    text: LEGEND,
  });
  const shown = createButton("", "", showHidden, signal);
  const act = createButton(
    "Where does it act?",
    "Fill the cells with how much each layer changes the output, per σ",
    () => effects?.want(!effects.isWanted()),
    signal,
  );
  const none = element("div", { class: "lw-none", text: "No match", hidden: true });
  const list = element("div", { class: "lw-list" });
  const more = createButton(
    "",
    "Scroll to them",
    () => list.scrollBy(0, list.clientHeight),
    signal,
  );
  more.classList.add("lw-more");
  const box = element("div", { class: "lw-scroll" }, [list, more]);
  /** @type {Row[]} */
  let rows = [];
  /** @type {Set<string>} */
  const hidden = new Set();
  let lifetime = new AbortController();
  signal.addEventListener("abort", () => lifetime.abort());
  let chosen = "as given";
  let drawn = "";
  /** @type {About[] | undefined} */
  let built;

  search.addEventListener("input", sift, { signal });

  function showHidden() {
    hidden.clear();
    sift();
    search.focus();
  }

  function build() {
    lifetime.abort();
    lifetime = new AbortController();
    /** @type {About[]} */
    const abouts = model.get("_rows");
    rows = abouts.map((about, axis) => {
      const hide = () => {
        hidden.add(about.name);
        sift();
        shown.focus();
      };
      return createRow(stage, about, axis, { ...on, hide }, known, parts, lifetime.signal);
    });
    const before = built?.map(({ name }) => name);
    for (const { row, about } of rows) {
      row.classList.toggle("lw-new", before?.includes(about.name) === false);
    }
    for (const name of hidden) {
      if (!abouts.some((about) => about.name === name)) hidden.delete(name);
    }
    built = abouts;
    sort(chosen);
    list.querySelector(".lw-new")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} name one of `ORDERS` */
  function sort(name) {
    chosen = name;
    const sorted = [...rows].sort((a, b) => ORDERS[name](a, b, ({ axis }) => moved(axis)));
    list.replaceChildren(...sorted.map(({ row }) => row), none);
    sift();
  }

  /** @param {number} axis */
  function moved(axis) {
    return Math.abs(stage.at[axis] - model.get("_origin")[axis]);
  }

  // Amounts change while a slider is moved: rows that are sorted by them go to their places only
  // when nobody has a slider in hand.
  list.addEventListener(
    "focusout",
    () =>
      setTimeout(() => {
        const busy = list.matches(":focus-within, :active");
        if (chosen === "by amount" && !busy && !signal.aborted) sort(chosen);
      }),
    { signal },
  );

  /** Show the rows that are looked for. */
  function sift() {
    const words = search.value.trim().toLowerCase();
    for (const { row, about } of rows) {
      row.hidden = hidden.has(about.name) || !about.name.toLowerCase().includes(words);
    }
    none.hidden = rows.some(({ row }) => !row.hidden);
    count();
    followScroll();
  }

  list.addEventListener("scroll", followScroll, { signal });

  /** Say how many rows lie below those in sight. */
  function followScroll() {
    const end = list.scrollTop + list.clientHeight;
    const below = rows.filter(
      ({ row }) => !row.hidden && row.offsetTop + row.offsetHeight / 2 > end,
    );
    more.hidden = below.length === 0;
    more.textContent = `↓ ${below.length} more`;
  }

  function count() {
    const edited = rows.filter(({ about, axis }) => hidden.has(about.name) && moved(axis)).length;
    shown.textContent = `Show hidden (${hidden.size}${edited ? `, ${edited} edited` : ""})`;
    shown.hidden = hidden.size === 0;
  }

  function followSettings() {
    if (model.get("_rows") !== built) build();
    const zero = zeroOf(model.get("_ranges"));
    for (const row of rows) row.followSettings(zero);
    act.hidden = !effects || !rows.some(({ about }) => about.layers.length > 1);
    drawn = "";
    follow();
  }

  function follow() {
    if (rows.length !== ownAt(stage).length) return; // the rows of other directions: new ones are about to come
    const all = readings(model, stage.at);
    for (const row of rows) row.follow(all[row.axis], effects?.of(row.about.name));
    const wanted = Boolean(effects?.isWanted());
    act.ariaPressed = String(wanted);
    legend.textContent = LEGEND + (act.hidden ? "" : CELLS + (wanted ? FILL : ""));
    const state = `${stage.store.version} ${stage.route} ${stage.at}`;
    if (state === drawn) return;
    drawn = state;
    count();
    const reach = 0.5 / (model.get("strip_length") - 1);
    for (const [axis, spots] of spotsOfFrames(stage).entries()) {
      rows[axis].setBuffer(spots, reach);
    }
  }

  return { box, search, order, shown, legend, act, follow, followScroll, followSettings };
}

/**
 * Where zero lies in all rows, from 0 to 1: where most of what sliders reach is seen.
 * @param {[number, number][]} ranges
 */
export function zeroOf(ranges) {
  const places = ranges.map(([low, high]) => Math.min(1, Math.max(0, low / (low - high))));
  const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
  if (places.every((place) => Math.abs(place - mean) < 0.01)) return mean;
  return Math.min(1 - MARGIN, Math.max(MARGIN, mean));
}
