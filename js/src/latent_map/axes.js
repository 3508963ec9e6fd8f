import { element } from "../dom/element.js";

/**
 * The points in a frame of the names of their axes, where these mean anything.
 * @param {HTMLElement} ground what the points are drawn in
 * @param {import("@anywidget/types").AnyModel} model
 */
export function createAxes(ground, model) {
  const names = ["up", "across"].map((way) => element("div", { class: `lw-axis-name lw-${way}` }));
  const [up, across] = names;
  const plane = element("div", { class: "lw-plane" }, [up, ground, across]);

  function follow() {
    const { axes, measure } = model.get("_about");
    [across.textContent, up.textContent] = axes;
    for (const one of names) {
      one.hidden = axes.length === 0;
      one.title = measure;
    }
  }

  return { plane, follow };
}
