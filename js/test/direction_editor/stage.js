import { vi } from "vitest";
import { fillWhileIdle } from "../../src/controls/idle.js";
import { createControl } from "../../src/direction_editor/control.js";
import { images } from "../../src/frames/images.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeModel, makeStore } from "../model.js";

export const ABOUT = { badge: "", note: "", score: null, warning: "", layers: [] };

/** An editor's stage of three directions, and all that it sent. */
export function makeStage() {
  /** @type {Record<string, any>} */
  const state = {
    value: { age: 0, smile: 0, 10: 0 },
    _rows: ["age", "smile", "10"].map((name) => ({ ...ABOUT, name })),
    _ranges: [
      [-3, 3],
      [-2, 2],
      [-1, 1],
    ],
    _origin: [0, 0, 0],
    _gains: [
      [1, 0.5, 0],
      [0.25, 1, 0],
      [0, 0, 1],
    ],
    _left: [1, 1, 1],
    _starts: [
      [0, 0, 0],
      [0.5, 1, 0],
    ],
    _readings: [
      [0.1, 0.2, 0.3],
      [-1, -2, -3],
    ],
    hold: [],
    profiles: {},
    _layers: [],
    _units: ["age", "smile", "10"].map(() => ({ size: 0, words: "" })),
    _curves: {},
    _parts: {},
    _route: "a",
    frame_memory: 64,
    strip_length: 9,
  };
  const model = makeModel(state);
  const { sent } = model;
  const { signal } = new AbortController();
  const control = createControl(model);
  const stage = new Stage(model, signal, control, images, makeStore());
  const onIdle = vi.fn();
  fillWhileIdle(stage, control, onIdle, signal);
  /** Answer every question until none is left. */
  async function answerAll() {
    const asked = [];
    for (let done = 0; done < sent.length; done++) {
      const { at, positions } = sent[done];
      asked.push(...(positions ?? [at]));
      answer(model, sent[done]);
      await vi.advanceTimersByTimeAsync(0);
    }
    sent.length = 0;
    return /** @type {number[][]} */ (asked);
  }
  return { stage, model, state, sent, answerAll, onIdle, signal };
}
