import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { images } from "../../src/frames/images.js";
import { createSpeeds } from "../../src/interpolator/speeds.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CURVE = {
  points: [
    [0, 0.5],
    [0.5, 2.5],
    [1, 0.5],
  ],
  abrupt: [0.4],
  words: "the whole",
};
const CHANCE = {
  type: "speeds",
  curve: { points: [], abrupt: [], words: "by chance", saved: "by luck" },
};
const DRAWN = { sought: false, words: "", drawn: true, even: true };

/** @param {object} [way] */
function makeSpeeds(way = DRAWN) {
  const model = makeModel({
    _route: "a",
    _way: way,
    method: "slerp",
    even_speed: false,
    value: 0,
    frame_memory: 64,
    speed_curve: "auto",
    strip_length: 2,
  });
  const { signal } = new AbortController();
  const at = [0, 7];
  const control = { read: () => [...at], write: () => {}, strips: () => [] };
  const stage = new Stage(model, signal, control, images, makeStore());
  stage.see({}, true);
  const speeds = createSpeeds(stage, signal);
  const asked = () => model.sent.filter(({ type }) => type === "speeds");
  const idle = () => vi.advanceTimersByTimeAsync(300);
  /** The kernel answers all that was asked. @param {object} [more] */
  async function answerAll(more = { type: "speeds", curve: CURVE }) {
    for (const question of model.sent.splice(0)) {
      const { type: of, client, seq, route } = question;
      if (of === "speeds") model.emit("msg:custom", { of, client, seq, route, ...more }, []);
      else if (of !== "stop") answer(model, question);
      await vi.advanceTimersByTimeAsync(0);
    }
  }
  return { stage, model, speeds, asked, idle, answerAll };
}

describe("createSpeeds", () => {
  it("asks once nobody moves, and not again while the path is the same", async () => {
    const { stage, speeds, asked, idle, answerAll } = makeSpeeds();
    await answerAll();
    expect(asked(), "not at once").toEqual([]);
    stage.move([0.3, 7], { rest: true });
    await vi.advanceTimersByTimeAsync(200);
    stage.move([0.4, 7], { rest: true });
    await answerAll();
    await answerAll();
    await vi.advanceTimersByTimeAsync(200);
    expect(asked(), "a move puts it off").toEqual([]);
    await idle();
    expect(asked()).toMatchObject([{ route: "a", at: [0.4, 7], chance: false }]);
    expect(speeds.curve()).toBeUndefined();
    expect(speeds.words()).toContain("while you rest");
    await answerAll();
    expect(speeds.curve()?.points.map(({ words }) => words)).toEqual([
      "t = 0.000: 0.50 × the mean speed",
      "t = 0.500: 2.50 × the mean speed, abrupt",
      "t = 1.000: 0.50 × the mean speed",
    ]);
    expect(speeds.curve()).toMatchObject({ abrupt: [0.4], base: 1, words: "the whole", doubt: "" });
    await idle();
    expect(asked(), "then what chance does").toMatchObject([{ route: "a", chance: true }]);
    expect(speeds.saved()).toBe("");
    await answerAll(CHANCE);
    expect(speeds.curve()?.words).toBe("the whole by chance");
    expect(speeds.curve(), "nothing is drawn anew").toBe(speeds.curve());
    expect(speeds.saved()).toBe("by luck");
    stage.move([0.9, 7], { rest: true });
    await answerAll();
    await idle();
    expect(asked()).toEqual([]);
    stage.move([0.9, 8], { rest: true });
    expect(speeds.saved(), "of other conditions").toBe("");
    await answerAll();
    await idle();
    await answerAll();
    stage.move([0.9, 7], { rest: true });
    await answerAll({ type: "stale" });
    await idle();
    expect(asked(), "back again").toMatchObject([{ at: [0.9, 7], chance: false }]);
    await answerAll();
    expect(speeds.curve()?.words).toBe("the whole by chance");
  });

  it("asks what chance does of a saving, where no speed is drawn", async () => {
    const way = { ...DRAWN, drawn: false, words: "4% shorter than slerp." };
    const { model, speeds, asked, idle, answerAll } = makeSpeeds(way);
    await answerAll();
    await idle();
    expect(asked(), "nothing was saved by slerp").toEqual([]);
    model.set("method", "geodesic");
    await idle();
    expect(asked()).toMatchObject([{ chance: true }]);
    await answerAll({ type: "error", message: "no samples" });
    expect(speeds.saved()).toBe("What chance does is not known: no samples");
    await idle();
    expect(asked(), "not again").toEqual([]);
  });

  it("asks again what chance does where that was dropped", async () => {
    const { speeds, asked, idle, answerAll } = makeSpeeds();
    await answerAll();
    await idle();
    await answerAll();
    await idle();
    await answerAll({ type: "stale" });
    await idle();
    expect(asked()).toMatchObject([{ chance: true }]);
    await answerAll(CHANCE);
    expect(speeds.curve()?.words).toBe("the whole by chance");
  });

  it("doubts what was measured under other conditions, and forgets it with the path", async () => {
    const { stage, model, speeds, asked, idle, answerAll } = makeSpeeds();
    await answerAll();
    await idle();
    await answerAll();
    stage.move([0, 8], { rest: true });
    expect(speeds.curve()?.doubt).toBe("Measured under other conditions.");
    await answerAll();
    await idle();
    expect(asked()).toMatchObject([{ at: [0, 8] }]);
    await answerAll();
    expect(speeds.curve()?.doubt).toBe("");
    model.set("_route", "b");
    expect(speeds.curve()).toBeUndefined();
  });

  it("has a path looked for, and asks about that which was found", async () => {
    const { model, speeds, asked, idle, answerAll } = makeSpeeds({ ...DRAWN, sought: true });
    await answerAll();
    await idle();
    model.set("_route", "b");
    model.set("_way", DRAWN);
    await answerAll({ type: "stale" });
    expect(speeds.failed()).toBe(false);
    await answerAll();
    await idle();
    expect(asked()).toMatchObject([{ route: "b" }]);
  });

  it("has a path looked for though the speed along that which is shown is known", async () => {
    const { model, asked, idle, answerAll } = makeSpeeds();
    await answerAll();
    await idle();
    await answerAll();
    model.set("method", "geodesic");
    model.set("_way", { ...DRAWN, sought: true });
    await idle();
    expect(asked()).toMatchObject([{ route: "a" }]);
  });

  it("says what went wrong, and does not ask again", async () => {
    const { stage, model, speeds, asked, idle, answerAll } = makeSpeeds({ ...DRAWN, sought: true });
    await answerAll();
    await idle();
    await answerAll({ type: "error", message: "no way" });
    expect(stage.error).toBe("The path could not be found: no way");
    expect(speeds.failed()).toBe(true);
    await answerAll();
    await idle();
    expect(asked()).toEqual([]);
    model.set("method", "spline");
    expect(speeds.failed(), "of another").toBe(false);
    await idle();
    expect(asked()).toHaveLength(1);
  });

  it("asks for nothing where nothing is drawn, and says why there is no curve", async () => {
    const none = makeSpeeds({ ...DRAWN, drawn: false });
    await none.answerAll();
    await none.idle();
    expect(none.asked()).toEqual([]);
    const slow = makeSpeeds();
    await slow.answerAll();
    await slow.idle();
    await slow.answerAll({ type: "speeds", curve: { points: [], abrupt: [], words: "too slow" } });
    expect(slow.speeds.curve()).toBeUndefined();
    expect(slow.speeds.words()).toBe("too slow");
    slow.model.set("speed_curve", "always");
    await slow.idle();
    expect(slow.asked()).toHaveLength(1);
  });
});
