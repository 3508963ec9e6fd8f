import { createMenu } from "../controls/menu.js";
import { attach, createCopy, createRoot, createStatus } from "../controls/view.js";
import { element } from "../dom/element.js";
import { loadKind } from "../frames/kind.js";
import { createPainter } from "../frames/painter.js";
import { Stage } from "../stage/stage.js";
import { createChart } from "./chart.js";
import { createControl, createScale, GROUND } from "./control.js";
import { createLegend } from "./legend.js";

/** Between two points the mouse is over none: what was shown stays for so long. */
const LINGER_MS = 300;
/** What was said of so many latents is kept. */
const MOST_SAID = 4096;
const NEAR = "what is not one of these latents is drawn between the five most like it";

/** @typedef {import("@anywidget/types").AnyModel} Model */
/** @typedef {{ row: number, lines: [string, string][] }} Said what is known of a latent */

export default () => {
  /** @type {Stage} */
  let stage;
  /** @type {ReturnType<typeof createControl>} */
  let control;
  /** @type {Map<number, Said["lines"]>} */
  const said = new Map();

  return {
    /** @param {{ model: Model, signal: AbortSignal }} context */
    async initialize({ model, signal }) {
      const kind = await loadKind(model, signal);
      control = createControl(model);
      /** @param {Said} given */
      const hear = ({ row, lines }) => {
        if (said.size >= MOST_SAID) said.clear();
        said.set(row, lines);
      };
      hear(model.get("_said"));
      model.on("change:_line", () => said.clear());
      for (const name of ["_line", "_said"]) {
        model.on(`change:${name}`, () => hear(model.get("_said")));
      }
      // Before the stage, which tells the views that there is something to show.
      model.on("msg:custom", (content) => content?.said && hear(content.said));
      stage = new Stage(model, signal, control, kind);
      model.on("change:_spot", () => stage.follow());
    },
    /** @param {{ model: Model, el: HTMLElement, signal: AbortSignal, host: any }} context */
    render({ model, el, signal, host }) {
      el.replaceChildren(createView({ model, stage, control, said, host, signal }));
    },
  };
};

/**
 * One view of a map.
 * @param {object} options
 * @param {Model} options.model
 * @param {Stage} options.stage
 * @param {ReturnType<typeof createControl>} options.control
 * @param {Map<number, Said["lines"]>} options.said
 * @param {any} options.host
 * @param {AbortSignal} options.signal
 */
function createView({ model, stage, control, said, host, signal }) {
  const scale = createScale(model);
  const chart = createChart({
    host,
    ground: model.get("_ground"),
    onClick: click,
    onHover: hover,
    marks: () => ({
      spot: scale.place(model.get("_spot").slice(1)),
      over: model.get("hovered") === null ? null : chart.placeOf(model.get("hovered")),
      path: model.get("_track").map(scale.place),
    }),
    onMode(mode) {
      pan.setAttribute("aria-pressed", String(mode !== "lasso"));
      lasso.setAttribute("aria-pressed", String(mode === "lasso"));
    },
    // In marimo, cells run again when a trait of the widget that they wrap is set by its page.
    onSelect: () => save("_picks", model.get("_picks") + 1),
    onError: (message) => stage.fail(message),
    signal,
  });
  let lingering = 0;

  const { kind } = stage;
  const picture = kind.create("lw-picture", signal);
  picture.setAttribute("role", kind.role);
  const repaint = createPainter(
    picture,
    kind,
    () => stage.frame(),
    (frame) => stage.isExact(frame),
    signal,
    (at) => at,
  );
  const { status, alert, follow: followStatus } = createStatus(stage, words);
  const caption = element("div", { class: "lw-caption", "aria-live": "polite" });
  // The alert is beside the map: as it comes and goes, no point moves away from the mouse.
  const side = element("div", { class: "lw-side" }, [
    picture,
    element("div", { class: "lw-words" }, [caption, status, alert, createCopy(stage, signal)]),
  ]);

  const pan = button("Move", "Drag to move the map, scroll to zoom", () =>
    chart.setMode("panZoom"),
  );
  const lasso = button("Lasso", "Draw round points to select them", () => chart.setMode("lasso"));
  const home = button("Whole map", "Show all points", () => chart.home());
  const layouts = createMenu("Projection", [], (name) => save("_projection", name), signal);
  const colors = createMenu("Colour", [], (name) => save("_color", name), signal);
  const number = element("input", {
    type: "number",
    class: "lw-number",
    min: 0,
    step: 1,
    "aria-label": "Number of the latent",
  });
  const going = element("label", { class: "lw-field" }, [
    element("span", { text: "Latent" }),
    number,
  ]);
  number.addEventListener("change", () => goTo(number.valueAsNumber), { signal });
  // Notebooks keep Enter for themselves before it becomes a change.
  number.addEventListener(
    "keydown",
    ({ key }) => {
      if (key === "Enter") goTo(number.valueAsNumber);
    },
    { signal },
  );

  const { legend, show: showLegend } = createLegend((code) => chart.selectColor(code), signal);
  const chosen = element("span", { class: "lw-chosen", role: "status" });
  const clear = button("Clear", "Select nothing", () => chart.clear());
  const note = element("div", { class: "lw-map-note", role: "status" });
  let hint = "";

  const root = createRoot("latent-map", [
    element("div", { class: "lw-bar" }, [
      element("div", { class: "lw-modes", role: "group", "aria-label": "Mouse" }, [pan, lasso]),
      home,
      layouts.field,
      colors.field,
      going,
    ]),
    element("div", { class: "lw-map-top" }, [chart.box, side]),
    element("div", { class: "lw-map-below" }, [legend, element("div", {}, [chosen, clear])]),
    note,
  ]);

  /**
   * @param {string} text
   * @param {string} title
   * @param {() => void} onClick
   */
  function button(text, title, onClick) {
    const made = element("button", { type: "button", class: "lw-button", text, title });
    made.addEventListener("click", onClick, { signal });
    return made;
  }

  /** @param {string} name @param {unknown} value */
  function save(name, value) {
    model.set(name, value);
    model.save_changes();
  }

  /** @param {number} row @returns {import("./control.js").Spot | null} */
  function spotOf(row) {
    const place = chart.placeOf(row);
    return place && [row, ...scale.point(place)];
  }

  /** @param {number | null} row */
  function hover(row) {
    if (row !== model.get("hovered")) save("hovered", row);
  }

  function followHovered() {
    const row = model.get("hovered");
    clearTimeout(lingering);
    if (row === null) lingering = setTimeout(() => look(null), LINGER_MS);
    else look(spotOf(row));
  }

  /** @param {import("./control.js").Spot | null} spot */
  function look(spot) {
    control.hover(spot);
    stage.look(control.read());
  }

  /** @param {[number, number]} place @param {number | null} row */
  function click(place, row) {
    const { stuck } = model.get("_about");
    const spot = row === null ? [GROUND, ...scale.point(place)] : spotOf(row);
    hint = row === null ? stuck : "";
    if (spot && !hint) go(spot);
    followAbout();
  }

  /** @param {number} row */
  function goTo(row) {
    const { count } = model.get("_about");
    const spot = Number.isInteger(row) && row >= 0 && row < count ? spotOf(row) : null;
    hint = spot ? "" : `Latents are numbered from 0 to ${count - 1}.`;
    if (spot) go(spot);
    followAbout();
  }

  /** @param {number[]} spot */
  function go(spot) {
    clearTimeout(lingering);
    save("_spot", spot);
    look(null);
  }

  /** Show what is known of what is shown. */
  function follow() {
    const [row] = stage.at;
    const lines = (said.get(row) ?? []).map(([name, text]) =>
      element("div", { class: "lw-map-line" }, [
        ...(name ? [element("span", { class: "lw-quiet", text: name })] : []),
        element("span", { text }),
      ]),
    );
    caption.replaceChildren(element("strong", { text: words(stage.at) }), ...lines);
    caption.dataset.lwRow = String(row);
    picture.setAttribute("aria-label", `${kind.word} of ${words(stage.at)}`);
    const [at] = model.get("_spot");
    if (document.activeElement !== number) number.value = at < 0 ? "" : String(at);
    followStatus(root);
  }

  function followAbout() {
    const { draws, note: more, count, name, axes, near } = model.get("_about");
    picture.hidden = status.hidden = !draws;
    number.max = String(count - 1);
    const other = model.get("_spot")[0] < GROUND || model.get("_track").length > 0;
    const fitting = titleOf(model.get("_fitting"));
    const waiting = `${fitting} of ${count.toLocaleString("en")} latents is on its way; it may take a minute.`;
    const what = axes.length > 0 ? `${axes[0]} across, ${axes[1]} up` : name;
    const facts = [what, more, near && other && NEAR].filter(Boolean).join(" · ");
    note.textContent = hint || (fitting && waiting) || facts;
    note.dataset.lwHint = String(hint !== "");
    chart.box.setAttribute("aria-busy", String(fitting !== ""));
  }

  /** @param {string} name of a projection */
  function titleOf(name) {
    const choices = /** @type {[string, string][]} */ (model.get("_projections"));
    return choices.find(([known]) => known === name)?.[1] ?? name;
  }

  function followProjections() {
    const choices = /** @type {[string, string][]} */ (model.get("_projections"));
    layouts.select.replaceChildren(
      ...choices.map(([value, text]) => element("option", { value, text })),
    );
    layouts.select.value = model.get("_projection");
  }

  function followColors() {
    const names = model.get("_colors");
    const options = names.map((/** @type {string} */ text) => element("option", { text }));
    colors.select.replaceChildren(...options);
    colors.select.value = model.get("_color");
    showLegend(model.get("_legend"));
  }

  function followSelection() {
    const count = model.get("_selected");
    chosen.textContent = count > 0 ? `${count.toLocaleString("en")} selected` : "";
    clear.hidden = count === 0;
  }

  function followSizes() {
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
    root.style.setProperty("--lw-height", `${model.get("height")}px`);
  }

  for (const name of ["_spot", "_track", "_frame", "hovered"])
    model.on(`change:${name}`, chart.redraw);
  model.on("change:hovered", followHovered);
  for (const name of ["_about", "_fitting"]) {
    model.on(`change:${name}`, () => {
      hint = ""; // of how it was before
      followAbout();
    });
  }
  for (const name of ["_spot", "_track"]) model.on(`change:${name}`, followAbout);
  for (const name of ["_projections", "_projection"]) {
    model.on(`change:${name}`, followProjections);
  }
  for (const name of ["_colors", "_color", "_legend"]) model.on(`change:${name}`, followColors);
  model.on("change:_selected", followSelection);
  for (const name of ["size", "height"]) model.on(`change:${name}`, followSizes);
  signal.addEventListener("abort", () => clearTimeout(lingering));
  followAbout();
  followProjections();
  followColors();
  followSelection();
  followSizes();
  attach(stage, root, repaint, follow, signal);
  return root;
}

/** @param {number[]} at */
function words([row]) {
  if (row >= 0) return `latent ${row}`;
  return row === GROUND ? "between the points" : "the latent that was set";
}
