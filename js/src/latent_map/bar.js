import { createButton } from "../controls/button.js";
import { createMenu } from "../controls/menu.js";
import { createNumber } from "../controls/number.js";
import { element } from "../dom/element.js";
import { save } from "../stage/save.js";

const GO = "Type the number of a latent to go to it";

/**
 * Above the map: what the mouse does, what the map shows, and a box to go to a latent by number.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {import("./chart.js").Chart} chart
 * @param {(row: number) => void} onGo
 * @param {AbortSignal} signal
 */
export function createBar(model, chart, onGo, signal) {
  const pan = createButton(
    "Move",
    "Drag to move the map, scroll to zoom",
    () => chart.setMode("panZoom"),
    signal,
  );
  const lasso = createButton(
    "Lasso",
    "Draw round points to select them",
    () => chart.setMode("lasso"),
    signal,
  );
  const home = createButton("Whole map", "Show all points", () => chart.home(), signal);
  const projections = createMenu(
    "Projection",
    "How the latents are laid out in two dimensions",
    [],
    (name) => save(model, "_projection", name),
    signal,
  );
  const colors = createMenu(
    "Colour",
    "What the colours of the points stand for",
    [],
    (name) => save(model, "_color", name),
    signal,
  );
  const number = createNumber(
    { min: 0, step: 1, "aria-label": "Number of the latent", title: GO },
    (row) => Number.isNaN(row) || onGo(row),
    signal,
  );
  const bar = element("div", { class: "lw-bar" }, [
    element("div", { class: "lw-modes", role: "group", "aria-label": "Mouse" }, [pan, lasso]),
    home,
    projections.field,
    colors.field,
    element("label", { class: "lw-field", title: GO }, [
      element("span", { text: "Latent" }),
      number,
    ]),
  ]);

  /** @param {string} mode what dragging the mouse does */
  function showMode(mode) {
    pan.setAttribute("aria-pressed", String(mode !== "lasso"));
    lasso.setAttribute("aria-pressed", String(mode === "lasso"));
  }

  function followProjections() {
    projections.offer(model.get("_projections"), model.get("_projection"));
  }

  function followColors() {
    const names = model.get("_colors");
    colors.offer(
      names.map((/** @type {string} */ name) => [name, name]),
      model.get("_color"),
    );
  }

  function followCount() {
    number.max = String(model.get("_about").count - 1);
  }

  /** Show the number of the latent where the person is, unless they are typing one. */
  function followSpot() {
    const [row] = model.get("_spot");
    if (document.activeElement !== number) number.value = row < 0 ? "" : String(row);
  }

  return { bar, showMode, followProjections, followColors, followCount, followSpot };
}
