import { createButton } from "../controls/button.js";
import { conditionWords, createConditions } from "../controls/conditions.js";
import { createSpoken } from "../controls/spoken.js";
import { attach, createActions, createRoot, createStatus, peek } from "../controls/view.js";
import { element, focusWhereScrolled } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";
import { save } from "../stage/save.js";
import { createAxes } from "./axes.js";
import { createBar } from "./bar.js";
import { Chart } from "./chart.js";
import { createScale, GROUND } from "./control.js";
import { foundRows } from "./found.js";
import { createLegend } from "./legend.js";
import { createNote } from "./note.js";
import { Visit } from "./visit.js";

/** Labels of fewer letters stand two in a line. */
const PAIRED = 18;

/** @typedef {import("./visit.js").MapWidget} MapWidget */

/**
 * One view of a map.
 * @param {MapWidget} map
 * @param {any} host anywidget's, which renders child widgets
 * @param {AbortSignal} signal
 */
export function createView(map, host, signal) {
  const { stage } = map;
  const { model } = stage;
  const scale = createScale(model);
  const hearer = {
    marks: () => ({
      spot: scale.place(model.get("_spot").slice(1)),
      over: model.get("hovered") === null ? null : chart.placeOf(model.get("hovered")),
      path: model.get("_track").map(scale.place),
      found: chart.placesOf(foundRows(model)),
    }),
    clicked: (/** @type {[number, number]} */ place, /** @type {number | null} */ row) =>
      note.setHint(visit.click(place, row)),
    hovered: (/** @type {number | null} */ row) => visit.hover(row),
    modeChanged: (/** @type {string} */ mode) => bar.showMode(mode),
    // In marimo, cells run again when a trait of the widget that they wrap is set by its page.
    selected: () => save(model, "_picks", model.get("_picks") + 1),
    failed: (/** @type {string} */ message) => stage.fail(message),
  };
  const chart = new Chart(host, model.get("_ground"), hearer, signal);
  const visit = new Visit(map, (row) => chart.placeOf(row), signal);
  const goTo = (/** @type {number} */ row) => note.setHint(visit.goTo(row));
  const bar = createBar(model, chart, goTo, signal);
  const picture = createPicture(map, signal);
  const below = createBelow(model, chart, signal);
  const note = createNote(model, signal);
  const axes = createAxes(chart.box, model);
  const root = createRoot("latent-map", [
    bar.bar,
    element("div", { class: "lw-map-top" }, [axes.plane, picture.side]),
    below.below,
    note.line,
  ]);

  function followAbout() {
    picture.followAbout();
    bar.followCount();
    axes.follow();
    note.follow();
    chart.box.setAttribute("aria-busy", String(model.get("_fitting") !== ""));
  }

  /** Add the search once its code is there. */
  function addSearch() {
    const { search } = map.parts;
    if (!search || bar.bar.querySelector(".lw-finder")) return;
    bar.bar.append(search(model, foundRows, goTo, (rows) => chart.select(rows), signal));
  }

  function followSizes() {
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
    root.style.setProperty("--lw-height", `${model.get("height")}px`);
  }

  function followColors() {
    bar.followColors();
    below.followLegend();
  }

  /**
   * Follow some traits, one after the other.
   * @param {string[]} names
   * @param {() => void} act
   */
  function on(names, act) {
    for (const name of names) model.on(`change:${name}`, act);
  }

  on(["_spot", "_frame", "_found", "hovered"], chart.redraw);
  on(["_track"], () => chart.followPath());
  on(["_about", "_fitting"], () => note.setHint("")); // it was about how things were before
  on(["_about", "_fitting", "_spot", "_track"], followAbout);
  on(["_share"], note.followShare);
  on(["_projections", "_projection"], bar.followProjections);
  on(["_colors", "_color", "_legend"], followColors);
  on(["_selected"], below.followSelection);
  on(["size", "height"], followSizes);
  followAbout();
  bar.followProjections();
  followColors();
  below.followSelection();
  followSizes();
  attach(
    stage,
    root,
    picture.repaint,
    () => {
      picture.follow(root);
      addSearch();
      bar.followSpot();
    },
    signal,
  );
  return root;
}

/**
 * Beside the map: the picture of where the person is, and what is known of it.
 * @param {MapWidget} map
 * @param {AbortSignal} signal
 */
function createPicture({ stage, known, standing }, signal) {
  const { kind, model } = stage;
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
  const {
    status,
    alert,
    follow: followStatus,
  } = createStatus(stage, (at) => words(at) + conditionWords(model, at, stage.at), signal);
  const conditions = createConditions(stage, signal);
  const told = element("div", { class: "lw-told" });
  const caption = element("div", { class: "lw-caption lw-known", "aria-live": "polite" }, [told]);
  // The caption says where that is.
  const spoken = createSpoken(stage, () => "", picture);
  // The alert is beside the map: as it comes and goes, no point moves away from the mouse.
  const side = element("div", { class: "lw-side lw-look" }, [
    picture,
    element("div", { class: "lw-words" }, [
      conditions.box,
      caption,
      element("div", { class: "lw-tools" }, [status, createActions(stage, "latent-map", signal)]),
      standing?.gauge(signal),
      alert,
      spoken.live,
    ]),
  ]);

  focusWhereScrolled(caption, signal);

  /** Whether what is shown is where the mouse is, and not where the person is. */
  let aside = false;

  /** Show what is known of what is shown. @param {HTMLElement} root */
  function follow(root) {
    const over = model
      .get("_spot")
      .some((/** @type {number} */ x, /** @type {number} */ i) => x !== stage.at[i]);
    if (over !== aside) peek(side, over);
    aside = over;
    const [row] = stage.at;
    const lines = known.of(row, stage.mailbox.local).map(([name, text, whole]) => {
      const pair = name && name.length + text.length < PAIRED;
      return element("div", { class: `lw-map-line${pair ? "" : " lw-wide"}` }, [
        name ? element("span", { class: "lw-quiet", text: name }) : undefined,
        element("span", { text, title: whole }),
      ]);
    });
    told.replaceChildren(element("strong", { text: words(stage.at) }), ...lines);
    caption.dataset.lwRow = String(row);
    picture.setAttribute("aria-label", `${kind.word} of ${words(stage.at)}`);
    conditions.follow();
    followStatus(root);
    spoken.follow();
  }

  function followAbout() {
    picture.hidden = status.hidden = !model.get("_about").draws;
  }

  return { side, repaint, follow, followAbout };
}

/**
 * Below the map: what the colours mean, and how many points are selected.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {Chart} chart
 * @param {AbortSignal} signal
 */
function createBelow(model, chart, signal) {
  const { legend, show } = createLegend(
    (code) => chart.selectColor(code),
    (code, name) => save(model, "_renamed", [(model.get("_renamed")?.[0] ?? 0) + 1, code, name]),
    signal,
  );
  const chosen = element("span", { class: "lw-chosen", role: "status" });
  const clear = createButton("Clear", "Select nothing", () => chart.clear(), signal);
  const below = element("div", { class: "lw-map-below" }, [
    legend,
    element("div", {}, [chosen, clear]),
  ]);

  function followSelection() {
    const count = model.get("_selected");
    chosen.textContent = count > 0 ? `${count.toLocaleString("en")} selected` : "";
    clear.hidden = count === 0;
  }

  return {
    below,
    followSelection,
    followLegend: () => show(model.get("_legend"), model.get("_color")),
  };
}

/** @param {number[]} at */
function words([row]) {
  if (row >= 0) return `latent ${row}`;
  return row === GROUND ? "between the points" : "edited or set latent";
}
