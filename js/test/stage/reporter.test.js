import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createControl } from "../../src/direction_editor/control.js";
import { images } from "../../src/frames/images.js";
import { Stage } from "../../src/stage/stage.js";
import { makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The stage of an editor with two sliders, A and B. */
function makeStage() {
  const model = makeModel({
    ...{ value: { A: 0, B: 0 }, conditions: {}, _rows: [{ name: "A" }, { name: "B" }] },
    ...{ _conditions: [], _route: "a", frame_memory: 64, strip_length: 65, _placed: [0, 0, 0] },
  });
  const { signal } = new AbortController();
  const stage = new Stage(model, signal, createControl(model), images, makeStore());
  stage.see({}, false); // no strips
  /** Python sets a value: one message has all. @param {Record<string, unknown>} state */
  const place = async (state) => {
    Object.assign(model.state, state);
    for (const name of Object.keys(state)) model.emit(`change:${name}`);
    await Promise.resolve();
  };
  /** The same where one trait is taken in after another, as in marimo. @param {Record<string, unknown>} state */
  const placeByTrait = async (state) => {
    for (const [name, value] of Object.entries(state)) model.set(name, value);
    await Promise.resolve();
  };
  const reports = () => model.saved.map(({ value, _seen }) => [value, _seen]);
  return { stage, model, place, placeByTrait, reports };
}

describe("Reporter", () => {
  it("tells with each report how much of what Python has set it knows", async () => {
    const { stage, place, reports } = makeStage();
    stage.move([1, 0]);
    stage.tell();
    await place({ value: { A: 1, B: 2 }, _placed: [3, 0, 3] });
    stage.move([1.5, 2]);
    stage.tell();
    stage.move([1.6, 2]);
    stage.tell();
    expect(reports()).toEqual([
      [
        { A: 1, B: 0 },
        { value: 0, n: 1 },
      ],
      [
        { A: 1.5, B: 2 },
        { value: 3, n: 2 },
      ],
      [
        { A: 1.6, B: 2 },
        { value: 3, n: 3 },
      ],
    ]);
  });

  it("goes where Python sets it, though the model held that before", async () => {
    const { stage, model, place, reports } = makeStage();
    stage.move([1, 0]);
    await place({ _placed: [1, 1, 1] });
    expect(stage.at).toEqual([0, 0]);
    await vi.advanceTimersByTimeAsync(500);
    expect(reports()).toEqual([]);
    expect(model.get("value")).toEqual({ A: 0, B: 0 });
  });

  it("keeps what Python has not set, of which its message knows less", async () => {
    const { stage, place, reports } = makeStage();
    stage.move([0, 1]);
    stage.tell(); // on its way, as Python sets A
    stage.move([0, 1.2]);
    await place({ value: { A: -1, B: 0 }, _placed: [1, 1, 0] });
    expect(stage.at).toEqual([-1, 1.2]);
    await place({ value: { A: -1, B: 1 } }); // the kernel has taken the report
    expect(stage.at).toEqual([-1, 1.2]);
    await vi.advanceTimersByTimeAsync(500);
    expect(stage.at).toEqual([-1, 1.2]);
    expect(reports().at(-1)).toEqual([
      { A: -1, B: 1.2 },
      { value: 1, n: 2 },
    ]);
  });

  it("lets the person have the last word after they have seen what Python set", async () => {
    const { stage, place, reports } = makeStage();
    await place({ value: { A: 1, B: 0 }, _placed: [1, 1, 0] });
    stage.move([2, 0], { rest: true });
    await place({ _placed: [1, 1, 0] }); // told again
    await vi.advanceTimersByTimeAsync(500);
    expect(stage.at).toEqual([2, 0]);
    expect(reports()).toEqual([
      [
        { A: 2, B: 0 },
        { value: 1, n: 1 },
      ],
    ]);
  });

  it("says nothing new of a trait that it does not change: an older value may wait to be sent", async () => {
    const { stage, model, place, reports } = makeStage();
    stage.move([1, 0]);
    stage.tell();
    model.state._conditions = [{ name: "class", default: 0, low: 0, high: 1 }];
    await place({ value: { A: 5, B: 0 }, _placed: [1, 1, 0, 0] });
    stage.move([5, 0, 0.5]);
    stage.tell();
    expect(reports().at(-1)?.[1]).toEqual({ value: 0, conditions: 1, n: 2 });
  });

  it("keeps what it has moved, and takes what others have, whatever the order of traits", async () => {
    for (const order of [
      ["value", "_placed"],
      ["_placed", "value"],
    ]) {
      const { stage, placeByTrait, reports } = makeStage();
      stage.move([0, 1]);
      stage.tell(); // on its way, as Python sets A
      const state = { value: { A: -1, B: 0 }, _placed: [1, 1, 0] };
      await placeByTrait(
        Object.fromEntries(order.map((name) => [name, state[/** @type {"value"} */ (name)]])),
      );
      expect(stage.at).toEqual([-1, 1]);
      // Nothing echoes the report: the kernel is told again what its message did not know.
      await vi.advanceTimersByTimeAsync(500);
      expect(reports().at(-1)).toEqual([
        { A: -1, B: 1 },
        { value: 1, n: 2 },
      ]);
    }
  });

  it("takes what another page has moved, though Python sets something else in that message", async () => {
    const { stage, place, reports } = makeStage();
    stage.move([1, 0]);
    stage.tell();
    await place({ value: { A: -1, B: 2 }, _placed: [1, 1, 0] });
    expect(stage.at).toEqual([-1, 2]);
    await vi.advanceTimersByTimeAsync(500);
    expect(reports()).toHaveLength(1);
  });

  it("reports nothing older than what a message holds that also ends playing", async () => {
    const { stage, model, place, reports } = makeStage();
    model.on("change:playing", () => stage.tell());
    stage.move([1, 0]);
    const told = place({ playing: false, value: { A: 0.25, B: 0 }, _placed: [1, 1, 0] });
    expect(stage.at).toEqual([0.25, 0]);
    await told;
    await vi.advanceTimersByTimeAsync(500);
    expect(reports()).toEqual([]);
    expect(model.get("value")).toEqual({ A: 0.25, B: 0 });
  });
});
