import { conditionsOf, replaced, share, wordsOf } from "../controls/conditions.js";
import { createMenu } from "../controls/menu.js";
import { addSpot, createSlider, noSpots } from "../controls/slider.js";
import { element } from "../dom/element.js";

/**
 * The control of one condition.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {import("../controls/conditions.js").About} about
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

  if (choices) {
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
  const { low, high, step = (high - low) / 100 } = about;
  const slider = createSlider({
    label: name,
    scale: { low, high, step },
    initial: () => about.default,
    current,
    words: (x) => wordsOf(about, x),
    digits: Math.min(6, Math.max(1, Math.ceil(-Math.log10(step)))),
    onMove: move,
    onKey: () => false,
    onRefuse: (message) => stage.refuse(message),
    signal,
  });
  for (const type of ["pointerdown", "focus"]) {
    slider.range.addEventListener(type, () => stage.grab(axisOf()), { signal });
  }
  let drawn = "";

  function follow() {
    slider.show(current());
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

  const field = element("div", { class: "lw-condition lw-field" }, [
    element("span", { text: name }),
    element("div", { class: "lw-dial" }, [slider.track, slider.number]),
  ]);
  return { field, follow };
}
