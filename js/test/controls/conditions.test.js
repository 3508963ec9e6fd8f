import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  conditionWords,
  createConditions,
  ownAt,
  under,
  withConditions,
} from "../../src/controls/conditions.js";
import { fillWhileIdle } from "../../src/controls/idle.js";
import { images } from "../../src/frames/images.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CLASS = { name: "class", default: 1, low: 0, high: 2, choices: ["owl", "mug", "bee"] };
const SHARPNESS = { name: "sharpness", default: 1, low: 0, high: 2, step: 0.02 };

/** @param {Record<string, unknown>} [more] */
function makeStage(more = {}) {
  const model = makeModel({
    _route: "a route",
    _picture: null,
    _conditions: [CLASS, SHARPNESS],
    conditions: { class: "mug", sharpness: 0.5, hidden: 3 },
    value: 0.25,
    strip_length: 5,
    frame_memory: 8,
    ...more,
  });
  const control = withConditions(model, {
    read: () => [model.get("value")],
    write: ([value]) => model.set("value", value),
    strips: ({ at: [thumb] }) => [
      { levels: new Map([0, 1].map((t) => [t, 0])), thumb, at: (/** @type {number} */ t) => [t] },
    ],
  });
  const { signal } = new AbortController();
  const stage = new Stage(/** @type {any} */ (model), signal, control, images, makeStore());
  return { model, control, stage, signal };
}

/**
 * Wait until the code is there that says what is worth decoding ahead: the stage then asks by itself.
 * @param {{ strips: (stage: Stage) => Iterable<any> }} control
 * @param {Stage} stage
 */
async function whenLoaded(control, stage) {
  const fill = vi.spyOn(stage, "fill");
  expect(wanted(control.strips(stage))).toEqual([]);
  await vi.waitFor(() => expect(fill).toHaveBeenCalledOnce());
}

/** The positions that strips want, one list for each strip. @param {Iterable<any>} strips */
function wanted(strips) {
  return [...strips].map(({ levels, at }) => [...levels.keys()].map(at));
}

describe("coordinates", () => {
  it("are the widget's own, then one for each condition", () => {
    const { model, stage } = makeStage();
    expect(stage.at).toEqual([0.25, 1, 0.5]);
    expect(ownAt(stage)).toEqual([0.25]);
    expect(under(stage, [0.75])).toEqual([0.75, 1, 0.5]);
    expect(conditionWords(/** @type {any} */ (model), stage.at)).toBe(", mug, sharpness 0.5");
    const elsewhere = [...stage.at.slice(0, -1), 0.75];
    expect(conditionWords(/** @type {any} */ (model), elsewhere, stage.at)).toBe(
      ", sharpness 0.75",
    );
    expect(conditionWords(/** @type {any} */ (model), stage.at, stage.at)).toBe("");
  });

  it("are written by name, and what is not shown stays", () => {
    const { model, control } = makeStage();
    control.write([0.5, 2, 0.5]);
    expect(model.get("value")).toBe(0.5);
    expect(model.get("conditions")).toEqual({ class: "bee", sharpness: 0.5, hidden: 3 });
    const before = model.get("conditions");
    control.write([0.75, 2, 0.5]);
    expect(model.get("conditions"), "no news").toBe(before);
  });

  it("follow where Python has put them", async () => {
    const { model, stage } = makeStage();
    model.set("conditions", { class: "owl", sharpness: 2, hidden: 3 });
    await Promise.resolve(); // once all of the message is there
    expect(stage.at).toEqual([0.25, 0, 2]);
  });

  it("are the widget's own alone where there are no conditions", () => {
    const { model, stage } = makeStage({ _conditions: [], conditions: {} });
    expect(stage.at).toEqual([0.25]);
    expect(under(stage, [0.5])).toEqual([0.5]);
    expect(conditionWords(/** @type {any} */ (model), stage.at)).toBe("");
  });
});

describe("what is decoded ahead", () => {
  it("is along the condition in hand first, then along the widget's own control", async () => {
    const { control, stage } = makeStage();
    await whenLoaded(control, stage);
    expect(wanted(control.strips(stage))).toEqual([
      [
        [0, 1, 0.5],
        [1, 1, 0.5],
      ],
    ]);
    stage.grab(2);
    const [sharpness, own] = wanted(control.strips(stage));
    expect(sharpness.map((at) => at[2]).sort()).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(sharpness.every((at) => at[0] === 0.25 && at[1] === 1)).toBe(true);
    expect(own).toHaveLength(2);
  });

  it("is along the others too while nobody moves, choices the nearest first", async () => {
    const { control, stage, signal } = makeStage();
    await whenLoaded(control, stage);
    fillWhileIdle(stage, control, () => {}, signal);
    expect(wanted(control.strips(stage))).toHaveLength(1);
    vi.advanceTimersByTime(300);
    const [, classes, sharpness] = wanted(control.strips(stage));
    expect(classes[0]).toEqual([0.25, 1, 0.5]);
    expect(classes.map((at) => at[1]).sort()).toEqual([0, 1, 2]);
    expect(sharpness.length).toBeGreaterThan(2);
  });
});

vi.mock("../../src/loader/index.js", () => ({
  importCode: async (/** @type {any} */ _model, /** @type {string} */ code) => {
    if (code === "broken") throw new Error("no such code");
    return { module: await import("../../src/parts/condition.js") };
  },
}));

/** Make controls, and wait until their code is there. @param {Stage} stage @param {AbortSignal} signal */
async function createControls(stage, signal) {
  const controls = createConditions(stage, signal);
  await vi.waitFor(() => expect(controls.box.querySelector("label, input")).not.toBeNull());
  return controls;
}

describe("the controls", () => {
  it("say why they are not there", async () => {
    const { stage, signal } = makeStage({ _dials: "broken" });
    const { box } = createConditions(stage, signal);
    await vi.waitFor(() => expect(stage.error).toContain("no such code"));
    expect(stage.error).toMatch(/^Conditions could not be loaded/);
    expect(box.hidden).toBe(true);
  });

  it("are a menu and a slider, with names for screen readers", async () => {
    const { stage, signal } = makeStage();
    const { box } = await createControls(stage, signal);
    expect(box.getAttribute("role")).toBe("group");
    const select = /** @type {HTMLSelectElement} */ (box.querySelector("select"));
    expect([...select.options].map(({ text }) => text)).toEqual(["owl", "mug", "bee"]);
    expect(select.closest("label")?.textContent).toContain("class");
    expect(box.querySelector("input[type=range]")?.getAttribute("aria-label")).toBe("sharpness");
  });

  it("are a box and a slider where choices are many whole numbers, else a menu", async () => {
    const numbers = Array.from({ length: 500 }, (_, i) => 10 + 2 * i);
    const about = { default: 0, low: 0, high: 499 };
    const { model, stage, signal } = makeStage({
      _conditions: [
        { ...about, name: "seed", choices: numbers },
        { ...about, name: "layer", high: 7, choices: numbers.slice(0, 8) },
        { ...about, name: "word", choices: numbers.map((i) => `word ${i}`) },
        { ...about, name: "odd", choices: [1, ...numbers] },
      ],
      conditions: { seed: 16, layer: 10, word: "word 12", odd: 1 },
    });
    const { box, follow } = await createControls(stage, signal);
    follow();
    const menus = [...box.querySelectorAll("select")];
    expect(menus.map(({ options }) => options.length)).toEqual([8, 500, 501]);
    const seed = /** @type {HTMLInputElement} */ (box.querySelector("input[type=number]"));
    const range = /** @type {HTMLInputElement} */ (box.querySelector("input[type=range]"));
    expect([seed.value, range.min, range.max, range.ariaValueText]).toEqual([
      ...["16", "10", "1008"],
      "seed 16",
    ]);
    seed.value = "734";
    seed.dispatchEvent(new Event("change"));
    expect(stage.at).toEqual([0.25, 362, 0, 1, 0]);
    vi.runOnlyPendingTimers();
    expect(model.get("conditions").seed).toBe(734);
    seed.value = "1010";
    seed.dispatchEvent(new Event("change"));
    expect(stage.error).toBe("seed goes from 10 to 1008, not to 1010.");
    model.set("conditions", { seed: 18, layer: 10, word: "word 12", odd: 1 });
    await Promise.resolve();
    follow();
    expect(seed.value).toBe("18");
  });

  it("say what there is to know of them, to whoever asks and who hears them", async () => {
    const note = "One weight at a time.";
    const abouts = [CLASS, SHARPNESS].map((one) => ({ ...one, note }));
    const { stage, signal } = makeStage({ _conditions: abouts });
    const { box } = await createControls(stage, signal);
    for (const [i, control] of ["select", "input[type=range]"].entries()) {
      expect(box.querySelector(control)?.getAttribute("aria-description")).toBe(note);
      const more = box.querySelectorAll("details")[i]; // which keys open too
      expect(more.querySelector("summary")?.textContent).toBe(`About ${abouts[i].name}`);
      expect(more.textContent).toContain(note);
      expect(more.closest("label")).toBeNull();
    }
    const { box: plain } = await createControls(makeStage().stage, signal);
    expect(plain.querySelector("[aria-description], details")).toBeNull();
  });

  it("move the stage, and ask for the exact frame", async () => {
    const { model, stage, signal } = makeStage();
    const { box, follow } = await createControls(stage, signal);
    follow();
    const select = /** @type {HTMLSelectElement} */ (box.querySelector("select"));
    select.value = "2";
    select.dispatchEvent(new Event("change"));
    expect(stage.at).toEqual([0.25, 2, 0.5]);
    expect(model.sent.at(-1)).toMatchObject({ type: "ask", at: [0.25, 2, 0.5] });
    answer(model, model.sent.at(-1));
    const range = /** @type {HTMLInputElement} */ (box.querySelector("input[type=range]"));
    range.dispatchEvent(new Event("focus"));
    expect(stage.axis).toBe(2);
    range.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    expect(stage.at).toEqual([0.25, 2, 0.52]);
    range.dispatchEvent(new MouseEvent("dblclick"));
    expect(stage.at, "its default").toEqual([0.25, 2, 1]);
    vi.advanceTimersByTime(200);
    expect(model.get("conditions")).toMatchObject({ class: "bee", sharpness: 1 });
  });

  it("show what Python has set, and other conditions", async () => {
    const { model, stage, signal } = makeStage();
    const { box, follow } = await createControls(stage, signal);
    model.set("conditions", { class: "owl", sharpness: 2 });
    await Promise.resolve();
    follow();
    expect(/** @type {HTMLSelectElement} */ (box.querySelector("select")).value).toBe("0");
    model.set("_conditions", [SHARPNESS]);
    model.set("_route", "other");
    follow();
    expect(box.querySelector("select")).toBeNull();
    expect(stage.at).toEqual([0.25, 2]);
    model.set("_conditions", []);
    model.set("_route", "third");
    follow();
    expect(box.hidden).toBe(true);
  });
});
