import { conditionsOf, replaced, wordsOf } from "../controls/conditions.js";
import { ahead, place, share } from "../controls/foresight.js";
import { createMenu } from "../controls/menu.js";
import { createPreview } from "../controls/preview.js";
import { addSpot, createSlider, noSpots } from "../controls/slider.js";
import { atEnd, element } from "../dom/element.js";

/** Of more whole numbers than this a menu is too long to choose from, as of seeds. */
const MOST_IN_MENU = 30;

/** @typedef {import("../controls/conditions.js").About} About */

/** @type {import("../controls/conditions.js").Dials} */
export default { ahead, createFields };

/**
 * Controls for all conditions: a menu for choices, a slider for a number or many whole ones.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {HTMLElement} box
 * @param {AbortSignal} signal
 * @returns {() => void} has them follow the stage
 */
function createFields(stage, box, signal) {
  const { model } = stage;
  const rows = element("div", { class: "lw-condition-rows" });
  box.append(rows);
  /** @type {ReturnType<typeof createField>[]} */
  let fields = [];
  /** @type {About[] | undefined} */
  let built;
  let lifetime = new AbortController();
  atEnd(signal, () => lifetime.abort());

  function build() {
    lifetime.abort();
    lifetime = new AbortController();
    built = model.get("_conditions");
    const abouts = conditionsOf(model);
    box.hidden = abouts.length === 0;
    fields = abouts.map((one, i) => createField(stage, one, i, lifetime.signal));
    rows.replaceChildren(...fields.map(({ field }) => field));
  }

  function follow() {
    if (model.get("_conditions") !== built) build();
    for (const { follow } of fields) follow();
  }

  follow();
  return follow;
}

/**
 * The control of one condition.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {About} about
 * @param {number} index among the conditions
 * @param {AbortSignal} signal
 */
function createField(stage, about, index, signal) {
  const { model } = stage;
  const { name, choices } = about;
  const axisOf = () => stage.at.length - conditionsOf(model).length + index;
  const current = () => stage.at[axisOf()] ?? about.default;

  /** @param {number} x @param {boolean} rest */
  function move(x, rest) {
    stage.grab(axisOf());
    stage.move(replaced(stage.at, axisOf(), x), { rest });
  }

  const whole = stepOf(choices);
  if (choices && !whole) {
    const menu = createMenu(
      name,
      `Choose ${name}, which the decoder takes beside the latent`,
      [],
      (value) => move(Number(value), true),
      signal,
    );
    menu.offer(
      choices.map((choice, i) => [String(i), String(choice)]),
      String(current()),
    );
    menu.field.classList.add("lw-condition");
    menu.select.addEventListener("focus", () => stage.grab(axisOf()), { signal });
    return {
      field: noted(menu.field, menu.select, about),
      follow() {
        menu.select.value = String(current());
      },
    };
  }
  const step = whole || (about.step ?? (about.high - about.low) / 100);
  const first = Number(choices?.[0]);
  /** The number at a coordinate. @param {number} x */
  const shown = (x) => (choices ? first + whole * x : x);
  /** @param {number} number */
  const coordinate = (number) => (choices ? Math.round((number - first) / whole) : number);
  const slider = createSlider({
    label: name,
    title: name,
    scale: { low: shown(about.low), high: shown(about.high), step },
    initial: () => shown(about.default),
    current: () => shown(current()),
    words: (number) => wordsOf(about, coordinate(number)),
    digits: choices ? 0 : Math.min(6, Math.max(1, Math.ceil(-Math.log10(step)))),
    onMove: (number, rest) => move(coordinate(number), rest),
    onKey: () => false,
    onRefuse: (message) => stage.refuse(message),
    signal,
  });
  for (const type of ["pointerdown", "focus"]) {
    slider.range.addEventListener(type, () => stage.grab(axisOf()), { signal });
  }
  let drawn = "";

  function follow() {
    slider.show(shown(current()));
    const state = `${stage.store.version} ${stage.route} ${stage.at}`;
    if (state === drawn) return;
    drawn = state;
    const axis = axisOf();
    const spots = noSpots();
    for (const frame of stage.store.along(stage.route)) {
      const { at } = frame;
      if (at.every((x, i) => i === axis || x === stage.at[i])) {
        addSpot(spots, share(about, at[axis]), frame);
      }
    }
    slider.setBuffer(spots, 0.5 / (model.get("strip_length") - 1));
  }

  const title = element("span", { text: name });
  /** What is shown at a position from 0 to 1. @param {number} t */
  const spot = (t) => {
    const x = place(about, t);
    return { at: replaced(stage.at, axisOf(), x), label: String(+shown(x).toPrecision(3)) };
  };
  createPreview(stage, { name: title, track: slider.track, range: slider.range, spot }, signal);
  const field = element("div", { class: "lw-condition lw-field" }, [
    title,
    element("div", { class: "lw-dial" }, [slider.track, slider.number]),
  ]);
  return { field: noted(field, slider.range, about), follow };
}

/**
 * A field with what a person should know of it, which opens below it.
 * @param {HTMLElement} field
 * @param {HTMLElement} control what takes the focus in it
 * @param {About} about
 */
function noted(field, control, { name, note }) {
  if (!note) return field;
  control.setAttribute("aria-description", note);
  const more = element("details", { class: "lw-condition-note lw-quiet" }, [
    element("summary", { text: `About ${name}` }),
    note,
  ]);
  return element("div", { class: "lw-noted" }, [field, more]);
}

/**
 * How far apart choices are that are many whole numbers in even steps; 0 of any others.
 * @param {About["choices"]} choices
 */
function stepOf(choices) {
  const [first, second] = choices ?? [];
  const step = Number(second) - Number(first);
  const even = choices?.every((one, i) => one === Number(first) + i * step);
  return even && step > 0 && choices && choices.length > MOST_IN_MENU ? step : 0;
}
