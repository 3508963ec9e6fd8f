import { conditionsOf, place, replaced, share, wordsOf } from "../controls/conditions.js";
import { createMenu } from "../controls/menu.js";
import { createPreview } from "../controls/preview.js";
import { addSpot, createSlider, noSpots } from "../controls/slider.js";
import { element } from "../dom/element.js";

/** Of more whole numbers than this a menu is too long to choose from, as of seeds. */
const MOST_IN_MENU = 30;

/** @typedef {import("../controls/conditions.js").About} About */

/**
 * The control of one condition.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {About} about
 * @param {number} index among the conditions
 * @param {AbortSignal} signal
 */
export default function createField(stage, about, index, signal) {
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
    const menu = createMenu(name, [], (value) => move(Number(value), true), signal);
    menu.offer(
      choices.map((choice, i) => [String(i), String(choice)]),
      String(current()),
    );
    menu.field.classList.add("lw-condition");
    menu.select.addEventListener("focus", () => stage.grab(axisOf()), { signal });
    return {
      field: menu.field,
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
  return { field, follow };
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
