import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAxes } from "../../src/latent_map/axes.js";
import { createControl } from "../../src/latent_map/control.js";
import { Known } from "../../src/latent_map/known.js";
import { createNote } from "../../src/latent_map/note.js";
import { Visit } from "../../src/latent_map/visit.js";
import { Stage } from "../../src/stage/stage.js";
import { makeKind, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ABOUT = {
  count: 3,
  draws: true,
  name: "PCA",
  axes: [],
  note: "",
  stuck: "",
  near: true,
  measure: "",
};

/** A map of three latents, at (0, 0), (2, 0) and (4, 0); its plot has them within [-1, 1]. */
function makeMap(more = {}) {
  const model = makeModel({
    _route: "map 1",
    _spot: [0, 0, 0],
    _frame: [0, 0, 4],
    _track: [],
    _about: ABOUT,
    _said: { row: 0, lines: [["digit", "7"]] },
    _fitting: "",
    _share: 0,
    _cancels: 0,
    _fit: 0,
    _projections: [
      ["pca", "PCA"],
      ["umap", "UMAP"],
    ],
    hovered: null,
    frame_memory: 64,
    ...more,
  });
  const { signal } = new AbortController();
  const control = createControl(model);
  const known = new Known(model);
  const stage = new Stage(model, signal, control, makeKind(), makeStore());
  model.on("change:_spot", () => stage.follow());
  /** @param {number} row @returns {[number, number] | null} */
  const placeOf = (row) => (row < 3 ? [row / 2, 0] : null);
  const visit = new Visit({ stage, control, known, parts: {} }, placeOf, signal);
  return { model, stage, visit, known };
}

describe("Visit", () => {
  it("shows the point under the mouse, and goes back a moment after it has left", () => {
    const { model, stage, visit } = makeMap();
    visit.hover(2);
    expect(model.state.hovered).toBe(2);
    expect(stage.at).toEqual([2, 4, 0]);
    visit.hover(null);
    expect(stage.at).toEqual([2, 4, 0]);
    vi.advanceTimersByTime(1000);
    expect(stage.at).toEqual([0, 0, 0]);
    expect(model.state._spot).toEqual([0, 0, 0]);
  });

  it("stays with the next point where the mouse finds one in time", () => {
    const { stage, visit } = makeMap();
    visit.hover(2);
    visit.hover(null);
    vi.advanceTimersByTime(100);
    visit.hover(1);
    vi.advanceTimersByTime(1000);
    expect(stage.at).toEqual([1, 2, 0]);
  });

  it("saves nothing while the mouse stays over one point", () => {
    const { model, visit } = makeMap();
    for (let i = 0; i < 5; i++) visit.hover(1);
    expect(model.saved).toHaveLength(1);
  });

  it("goes to a point that is clicked, and between the points where the map can", () => {
    const { model, stage, visit } = makeMap();
    expect(visit.click([0.9, 0.1], 2)).toBe("");
    expect(model.state._spot).toEqual([2, 4, 0]);
    expect(visit.click([0.25, -0.5], null)).toBe("");
    expect(stage.at).toEqual([-1, 1, -2]);
    model.set("_about", { ...ABOUT, stuck: "This map has no inverse." });
    expect(visit.click([0, 0], null)).toBe("This map has no inverse.");
    expect(stage.at).toEqual([-1, 1, -2]);
  });

  it("goes to a latent by number, and says which numbers there are", () => {
    const { stage, visit } = makeMap();
    expect(visit.goTo(1)).toBe("");
    expect(stage.at).toEqual([1, 2, 0]);
    for (const strange of [3, -1, 0.5, Number.NaN]) {
      expect(visit.goTo(strange)).toBe("Latents are numbered from 0 to 2.");
    }
    expect(stage.at).toEqual([1, 2, 0]);
  });
});

describe("Known", () => {
  it("keeps what is said with an answer or by a trait, until the route changes", () => {
    const { model, known } = makeMap();
    const said = { row: 2, lines: [["", "<b>two</b>"]] };
    model.emit("msg:custom", { of: "ask", type: "stale", client: "other", seq: 1, said }, []);
    model.set("_said", { row: -2, lines: [] });
    expect([0, 1, 2].map((row) => known.of(row))).toEqual([
      [["digit", "7"]],
      [],
      [["", "<b>two</b>"]],
    ]);
    model.set("_route", "map 2");
    expect(known.of(2)).toEqual([]);
  });
});

describe("the axes of a map", () => {
  it("have their names outside of the points, where these mean anything", () => {
    const { model } = makeMap();
    const ground = document.createElement("div");
    const { plane, follow } = createAxes(ground, model);
    const names = /** @type {HTMLElement[]} */ ([...plane.children]).filter(
      (one) => one !== ground,
    );
    const shown = () =>
      names.map(({ hidden, title, textContent }) => !hidden && [textContent, title]);
    follow();
    expect(shown()).toEqual([false, false]);
    model.set("_about", { ...ABOUT, axes: ["PC 1 (34 %)", "<b>up</b>"], measure: "the share" });
    follow();
    expect(shown()).toEqual([
      ["<b>up</b>", "the share"],
      ["PC 1 (34 %)", "the share"],
    ]);
    expect(ground.contains(plane.querySelector(".lw-axis-name"))).toBe(false);
  });
});

describe("the note below a map", () => {
  it("tells what the map is of, what is on its way, and first of all a hint", () => {
    const { model } = makeMap();
    const { note, follow, setHint } = createNote(model, new AbortController().signal);
    follow();
    expect(note.textContent).toBe("PCA");
    model.set("_about", { ...ABOUT, axes: ["PC 1", "PC 2"], note: "15 %" });
    model.set("_spot", [-2, 0, 0]);
    follow();
    expect(note.textContent).toMatch(/^PCA · 15 % · what is not one of these/);
    model.set("_fitting", "umap");
    follow();
    expect(note.textContent).toMatch(/^UMAP of 3 latents is on its way/);
    setHint("Try a point.");
    expect([note.textContent, note.dataset.lwHint]).toEqual(["Try a point.", "true"]);
    setHint("");
    expect(note.dataset.lwHint).toBe("false");
  });

  it("shows how much of a fit is done, and cancels it", () => {
    const { model } = makeMap();
    const { line, follow, followShare } = createNote(model, new AbortController().signal);
    document.body.replaceChildren(line);
    const bar = /** @type {HTMLProgressElement} */ (line.querySelector("progress"));
    const button = /** @type {HTMLButtonElement} */ (line.querySelector("button"));
    follow();
    expect([bar.hidden, button.hidden]).toEqual([true, true]);
    model.set("_fitting", "umap");
    model.set("_fit", 3);
    model.set("_share", 0.25);
    follow();
    expect([bar.hidden, button.hidden, bar.value]).toEqual([false, false, 0.25]);
    expect(bar.getAttribute("aria-label")).toBe("UMAP, share done");
    model.set("_share", 0.5);
    followShare();
    expect(bar.value).toBe(0.5);
    button.click();
    expect(model.state._cancels).toBe(3);
    model.set("_fitting", "k-means (8 clusters)");
    follow();
    expect(bar.getAttribute("aria-label")).toBe("k-means (8 clusters), share done");
    model.set("_fitting", "");
    follow();
    expect([bar.hidden, button.hidden]).toEqual([true, true]);
  });
});
