import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { images } from "../../src/frames/images.js";
import createEffects from "../../src/parts/effects.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Three directions, of which the second has no layers to choose from. */
function makeEffects() {
  const model = makeModel({
    _rows: [
      { name: "age", layers: [0, 1, 2] },
      { name: "hair", layers: [1] },
      { name: "smile", layers: [0, 2] },
    ],
    _route: "a",
    value: 0,
    frame_memory: 64,
    strip_length: 2,
  });
  const { signal } = new AbortController();
  const control = { read: () => [0, 0, 0], write: () => {}, strips: () => [] };
  const stage = new Stage(model, signal, control, images, makeStore());
  const view = {};
  stage.see(view, true);
  const effects = createEffects(stage, signal);
  const asked = () => model.sent.filter(({ type }) => type === "layers");
  const idle = () => vi.advanceTimersByTimeAsync(300);
  /** The kernel answers all that was asked. @param {object} more */
  async function answerAll(more) {
    for (const question of model.sent.splice(0)) {
      const { type: of, client, seq, route } = question;
      if (of === "layers") model.emit("msg:custom", { of, client, seq, route, ...more }, []);
      else answer(model, question);
      await vi.advanceTimersByTimeAsync(0);
    }
  }
  return { stage, model, view, effects, asked, idle, answerAll };
}

const FOUND = { type: "layers", effects: [1, 4, 2] };

describe("createEffects", () => {
  it("asks for nothing unless somebody wants to see it", async () => {
    const { asked, idle, answerAll, effects } = makeEffects();
    await answerAll({});
    await idle();
    expect(asked()).toEqual([]);
    expect(effects.of("age")).toBeUndefined();
  });

  it("asks about one direction after another, each as shares of its strongest layer", async () => {
    const { asked, idle, answerAll, effects, stage } = makeEffects();
    await answerAll({});
    effects.want(true);
    expect(asked(), "not before it is idle").toEqual([]);
    await idle();
    expect(asked()).toMatchObject([{ axis: 0, at: [0, 0, 0], route: "a" }]);
    expect(asked()[0].client, "replaces no question for a frame").toMatch(/-layers$/);
    await answerAll(FOUND);
    expect(effects.of("age")).toEqual({ shares: [0.25, 1, 0.5], fresh: true });
    expect(asked()).toMatchObject([{ axis: 2 }]);
    await answerAll(FOUND);
    expect(asked(), "about each once").toEqual([]);
    stage.changed();
    await idle();
    expect(asked()).toEqual([]);
  });

  it("keeps what it knew until what is new is there", async () => {
    const { asked, idle, answerAll, effects, stage } = makeEffects();
    await answerAll({});
    effects.want(true);
    await idle();
    await answerAll(FOUND);
    await answerAll(FOUND);
    stage.move([0, 1, 0], { rest: true });
    expect(effects.of("age")).toMatchObject({ fresh: false });
    await answerAll({});
    await idle();
    expect(asked()).toMatchObject([{ axis: 0, at: [0, 1, 0] }]);
    await answerAll({ type: "layers", effects: [0, 0, 0] });
    expect(effects.of("age")).toEqual({ shares: [0, 0, 0], fresh: true });
    effects.want(false);
    expect(effects.of("age")).toBeUndefined();
  });

  it("says what went wrong, and stops", async () => {
    const { asked, idle, answerAll, effects, stage } = makeEffects();
    await answerAll({});
    effects.want(true);
    await idle();
    await answerAll({ type: "error", message: "texts have no derivative" });
    expect(stage.error).toContain("texts have no derivative");
    const key = effects.createKey(new AbortController().signal);
    key.follow();
    expect(key.button.ariaPressed).toBe("false");
    await idle();
    expect(asked()).toEqual([]);
  });

  it("has a key of the cells, with a button that fills them, where rows have any", () => {
    const { effects, model } = makeEffects();
    const { button, follow } = effects.createKey(new AbortController().signal);
    expect(follow()).toMatch(/^ Cells: .* in part\.$/);
    expect(button.hidden).toBe(false);
    button.click();
    expect(follow()).toMatch(/Fill: .* per σ\.$/);
    expect(button.ariaPressed).toBe("true");
    model.set("_rows", [{ name: "hair", layers: [1] }]);
    expect(follow()).toBe("");
    expect(button.hidden).toBe(true);
  });

  it("asks again where the answer came too late", async () => {
    const { asked, idle, answerAll, effects, model } = makeEffects();
    await answerAll({});
    effects.want(true);
    await idle();
    model.set("_route", "b");
    await answerAll({ type: "stale" });
    expect(effects.of("age")).toBeUndefined();
    await idle();
    expect(asked()).toMatchObject([{ axis: 0, route: "b" }]);
  });

  it("asks again by itself where Python changed something while an answer was on its way", async () => {
    const { asked, idle, answerAll, effects, model } = makeEffects();
    await answerAll({});
    effects.want(true);
    await idle();
    expect(asked()).toHaveLength(1);
    const [late] = model.sent.splice(0);
    model.set("_route", "b");
    await idle();
    await idle();
    const { type: of, client, seq, route } = late;
    model.emit("msg:custom", { of, client, seq, route, ...FOUND }, []);
    await answerAll({});
    await idle();
    expect(asked()).toMatchObject([{ axis: 0, route: "b" }]);
    await answerAll(FOUND);
    expect(effects.of("age")).toMatchObject({ fresh: true });
  });

  it("asks once it is in sight again for what changed meanwhile", async () => {
    const { asked, idle, answerAll, effects, model, stage, view } = makeEffects();
    await answerAll({});
    effects.want(true);
    await idle();
    await answerAll(FOUND);
    await answerAll(FOUND);
    stage.see(view, false);
    model.set("_route", "b");
    await answerAll({});
    await idle();
    expect(asked()).toEqual([]);
    stage.see(view, true);
    await idle();
    expect(asked()).toMatchObject([{ axis: 0, route: "b" }]);
  });
});
