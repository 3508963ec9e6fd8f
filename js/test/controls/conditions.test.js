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

  it("follow where Python has put them", () => {
    const { model, stage } = makeStage();
    model.set("conditions", { class: "owl", sharpness: 2, hidden: 3 });
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
  it("is along the condition in hand first, then along the widget's own control", () => {
    const { control, stage } = makeStage();
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

  it("is along the others too while nobody moves, choices the nearest first", () => {
    const { control, stage, signal } = makeStage();
    fillWhileIdle(stage, control, () => {}, signal);
    expect(wanted(control.strips(stage))).toHaveLength(1);
    vi.advanceTimersByTime(300);
    const [, classes, sharpness] = wanted(control.strips(stage));
    expect(classes[0]).toEqual([0.25, 1, 0.5]);
    expect(classes.map((at) => at[1]).sort()).toEqual([0, 1, 2]);
    expect(sharpness.length).toBeGreaterThan(2);
  });
});

describe("the controls", () => {
  it("are a menu and a slider, with names for screen readers", () => {
    const { stage, signal } = makeStage();
    const { box } = createConditions(stage, signal);
    expect(box.getAttribute("role")).toBe("group");
    const select = /** @type {HTMLSelectElement} */ (box.querySelector("select"));
    expect([...select.options].map(({ text }) => text)).toEqual(["owl", "mug", "bee"]);
    expect(select.closest("label")?.textContent).toContain("class");
    expect(box.querySelector("input[type=range]")?.getAttribute("aria-label")).toBe("sharpness");
  });

  it("move the stage, and ask for the exact frame", () => {
    const { model, stage, signal } = makeStage();
    const { box, follow } = createConditions(stage, signal);
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

  it("show what Python has set, and other conditions", () => {
    const { model, stage, signal } = makeStage();
    const { box, follow } = createConditions(stage, signal);
    model.set("conditions", { class: "owl", sharpness: 2 });
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
