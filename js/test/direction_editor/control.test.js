import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { byName, moveAlong, readings, spotsOfFrames } from "../../src/direction_editor/control.js";
import { createBefore } from "../../src/direction_editor/pictures.js";

beforeEach(() => {
  vi.useFakeTimers();
  Element.prototype.scrollIntoView = vi.fn();
});
afterEach(() => void vi.useRealTimers().restoreAllMocks());

import { ABOUT, makeStage } from "./stage.js";

describe("the control of an editor", () => {
  it("reads and writes amounts by name, in the order of the directions", async () => {
    const { stage, state, model } = makeStage();
    moveAlong(stage, 1, 1.5, true);
    stage.tell();
    expect(state.value).toEqual({ age: 0, smile: 1.5, 10: 0 });
    model.set("value", { 10: 1, smile: 2, age: 3 });
    await Promise.resolve(); // once all of the message is there
    expect(stage.at).toEqual([3, 2, 1]);
    expect(byName(model, [1, 2, 3])).toEqual({ age: 1, smile: 2, 10: 3 });
  });

  it("wants the strip of the slider that was grabbed, through the edit as it is", async () => {
    const { stage, answerAll } = makeStage();
    moveAlong(stage, 1, 1.3, true);
    stage.see({}, true);
    const asked = await answerAll();
    expect(asked.filter(([age, , ten]) => age !== 0 || ten !== 0)).toEqual([]);
    expect(new Set(asked.map(([, smile]) => smile))).toContain(-2);
    expect(spotsOfFrames(stage)[1].whole.length).toBe(10);
  });

  it("refreshes the strips of the others when nobody moves, the coarse first", async () => {
    const { stage, answerAll, onIdle } = makeStage();
    stage.see({}, true);
    await answerAll();
    expect(spotsOfFrames(stage).map(({ whole }) => whole.length)).toEqual([9, 1, 1]);
    moveAlong(stage, 0, 2.25, true);
    await vi.advanceTimersByTimeAsync(300);
    expect(onIdle).toHaveBeenCalled();
    const asked = (await answerAll()).filter(([age]) => age === 2.25);
    expect(asked).toContainEqual([2.25, 0, -1]);
    const at = (/** @type {number[]} */ place) => asked.findIndex((one) => `${one}` === `${place}`);
    expect(at([2.25, 0, -1])).toBeLessThan(at([2.25, -1, 0]));
    expect(spotsOfFrames(stage).map(({ whole }) => whole.length)).toEqual([9, 9, 9]);
  });

  it("asks for no other strip while somebody moves", async () => {
    const { stage, answerAll } = makeStage();
    stage.see({}, true);
    await answerAll();
    for (let i = 0; i < 30; i++) {
      moveAlong(stage, 0, i / 20, false);
      await vi.advanceTimersByTimeAsync(50);
      const asked = await answerAll();
      expect(asked.filter(([, smile, ten]) => smile || ten)).toEqual([]);
    }
  });

  it("takes another slider in hand without waiting for the strip of the last", async () => {
    const { stage, sent } = makeStage();
    stage.see({}, true);
    moveAlong(stage, 2, 0.5, false);
    const strips = sent.filter(({ type }) => type === "strip");
    expect(strips).toHaveLength(2);
    expect(strips[1].positions).toContainEqual([0, 0, 1]);
  });

  it("survives directions of another number", async () => {
    const { stage, state, model, answerAll } = makeStage();
    stage.see({}, true);
    moveAlong(stage, 2, 0.5, true);
    await answerAll();
    Object.assign(state, {
      value: { age: 1 },
      _rows: [{ ...ABOUT, name: "age" }],
      _ranges: [[-3, 3]],
    });
    model.set("_route", "b");
    expect(stage.at).toEqual([1]);
    expect((await answerAll()).every((at) => at.length === 1)).toBe(true);
  });
});

describe("readings", () => {
  it("are what every base reads, and what the edit adds", () => {
    const { model } = makeStage();
    const [age, smile] = readings(model, [2, 1, 0]);
    expect(age).toEqual([2.6, 0.5]);
    expect(smile[0]).toBeCloseTo(1.7);
    const [untouched] = readings(model, [0, 1, 0]);
    expect(untouched, "what is not moved leaves every base alone").toEqual([0.6, -1]);
  });
});

describe("createBefore", () => {
  it("asks once, as a client of its own, and keeps what came", async () => {
    const { stage, sent, answerAll } = makeStage();
    const original = createBefore(stage);
    expect(original()).toBeUndefined();
    expect(original()).toBeUndefined();
    expect(sent).toMatchObject([
      { type: "ask", at: [], client: expect.stringMatching(/-before$/) },
    ]);
    await answerAll();
    const frame = original();
    expect(frame?.at).toEqual([]);
    expect(stage.frame()).toBeUndefined();
    if (frame) stage.store.drop("a@", frame);
    original();
    await vi.advanceTimersByTimeAsync(0);
    expect(original()?.at).toEqual([]);
    expect(sent).toHaveLength(0);
  });
});
