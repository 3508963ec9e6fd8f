import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPreview, previewed } from "../../src/controls/preview.js";
import { createSlider } from "../../src/controls/slider.js";
import { createControl } from "../../src/interpolator/control.js";
import { Stage } from "../../src/stage/stage.js";
import { stripLevels } from "../../src/stage/strip.js";
import { answer, makeKind, makeModel, makeStore } from "../model.js";

/** @type {AbortController} */
let view;
beforeEach(() => {
  vi.useFakeTimers();
  view = new AbortController();
});
afterEach(() => {
  view.abort();
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** A slider with a name, on a stage of one coordinate. */
function make(kind = makeKind()) {
  const model = makeModel({ value: 0, _route: "a", frame_memory: 64, strip_length: 65 });
  const stage = new Stage(model, view.signal, createControl(model), kind, makeStore());
  const slider = createSlider({
    label: "t",
    title: "Place",
    scale: { low: 0, high: 1, step: 0.01 },
    initial: () => 0,
    current: () => 0,
    words: String,
    digits: 2,
    onMove: () => {},
    onKey: () => false,
    onRefuse: () => {},
    signal: view.signal,
  });
  const name = document.createElement("span");
  document.body.append(name, slider.track);
  const spot = (/** @type {number} */ t) => ({ at: [t], label: `${t}` });
  createPreview(stage, { name, track: slider.track, range: slider.range, spot }, view.signal);
  const hover = (/** @type {string} */ type, pointerType = "mouse") =>
    name.dispatchEvent(Object.assign(new Event(type), { pointerType }));
  const strips = () => model.sent.filter(({ type }) => type === "strip");
  const box = () => document.querySelector(".lw-preview");
  const pass = (/** @type {number} */ ms) => vi.advanceTimersByTimeAsync(ms);
  return { model, stage, name, slider, hover, strips, box, pass };
}

describe("previewed", () => {
  it("are seven of the strip's own positions, from end to end", () => {
    expect(previewed(65)).toEqual([0, 3 / 16, 5 / 16, 0.5, 11 / 16, 13 / 16, 1]);
    const strip = stripLevels(10, [], 0);
    expect(previewed(10).every((t) => strip.has(t))).toBe(true);
    expect(previewed(2)).toEqual([0, 1]);
  });
});

describe("createPreview", () => {
  it("asks for nothing until the pointer has rested on the name", async () => {
    const { hover, strips, box, pass } = make();
    hover("pointerenter");
    await pass(149);
    expect([strips().length, box()]).toEqual([0, null]);
    await pass(1);
    expect(strips().map(({ positions }) => positions.length)).toEqual([7]);
    expect(box()?.querySelectorAll(".lw-spot")).toHaveLength(7);
    hover("pointerleave");
    expect(box()).toBe(null);
  });

  it("asks for nothing of a pointer that goes by, nor of a finger", async () => {
    const { hover, strips, pass } = make();
    hover("pointerenter");
    await pass(100);
    hover("pointerleave");
    hover("pointerenter", "touch");
    await pass(1000);
    expect(strips()).toEqual([]);
  });

  it("shows what is there at once, and fills in the rest as it comes, asked for once", async () => {
    const { model, hover, strips, box, pass } = make();
    const early = { type: "strip", client: "x", seq: 1, route: "a", drafts: true };
    answer(model, /** @type {any} */ ({ ...early, positions: [[0], [1]] }));
    await pass(0);
    hover("pointerenter");
    await pass(150);
    expect(strips()[0].positions.flat()).toEqual([3 / 16, 5 / 16, 0.5, 11 / 16, 13 / 16]);
    const empty = () => box()?.querySelectorAll(".lw-empty").length;
    expect(empty()).toBe(5);
    answer(model, { ...strips()[0], positions: [[0.5]] }, { more: true });
    await pass(0);
    expect(empty()).toBe(4);
    expect(strips()).toHaveLength(1);
    answer(model, strips()[0]);
    await pass(0);
    expect(empty()).toBe(0);
  });

  it("takes the place of no strip that fills the slider's bar", async () => {
    const { stage, hover, strips, pass } = make();
    stage.see({}, true);
    const [filler] = strips();
    hover("pointerenter");
    await pass(150);
    const own = strips().find(({ client }) => client.endsWith("-preview"));
    expect(own.client).toBe(`${filler.client}-preview`);
  });

  it("shows it for the keys too, until Escape, or the next press", async () => {
    const { slider, box, pass } = make();
    vi.spyOn(slider.range, "matches").mockReturnValue(true);
    slider.range.dispatchEvent(new Event("focus"));
    await pass(150);
    expect(box()).not.toBe(null);
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    expect(box()).not.toBe(null);
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(box()).toBe(null);
    slider.range.dispatchEvent(new Event("focus"));
    await pass(150);
    document.dispatchEvent(new Event("pointerdown"));
    expect(box()).toBe(null);
  });

  it("stands below the slider where it would cover what went wrong", async () => {
    const { slider, hover, box, pass } = make();
    const alert = document.createElement("div");
    alert.className = "lw-alert";
    alert.hidden = true;
    document.body.prepend(alert);
    const rect = (/** @type {number} */ top, /** @type {number} */ bottom) =>
      new DOMRect(0, top, 300, bottom - top);
    vi.spyOn(slider.track, "getBoundingClientRect").mockReturnValue(rect(400, 420));
    alert.getBoundingClientRect = () => (alert.hidden ? rect(0, 0) : rect(340, 380));
    vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(rect(400, 500));
    hover("pointerenter");
    await pass(150);
    const top = () => /** @type {HTMLElement} */ (box()).style.top;
    expect(top()).toBe("294px");
    alert.hidden = false;
    await pass(0);
    expect(top(), "what is said while it is shown").toBe("426px");
    alert.getBoundingClientRect = () => rect(200, 290);
    alert.textContent = "The decoder raised";
    await pass(0);
    expect(top(), "beside it there is room").toBe("294px");
  });

  it("shows nothing of what is read", async () => {
    const { hover, strips, box, pass } = make({ ...makeKind(), role: "group" });
    hover("pointerenter");
    await pass(1000);
    expect([strips().length, box()]).toEqual([0, null]);
  });
});
