import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { images } from "../../src/frames/images.js";
import { createControl } from "../../src/interpolator/control.js";
import { Stage } from "../../src/stage/stage.js";
import { answerDraft, answer as answerTo, makeModel, makeStore, refuse } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/**
 * A stage on a model that keeps what is sent, with pictures that open at once.
 * @param {Record<string, unknown>} [more] state
 * @param {(model: ReturnType<typeof makeModel>) => Partial<import("../../src/stage/stage.js").Control>} [control] what is otherwise than in an interpolator's
 */
function makeStage(more = {}, control = () => ({})) {
  const state = { value: 0, _route: "a", frame_memory: 64, strip_length: 65, filmstrip: 0 };
  const model = makeModel({ ...state, ...more });
  const { signal } = new AbortController();
  const mine = { ...createControl(model), ...control(model) };
  const stage = new Stage(model, signal, mine, images, makeStore());
  const asks = () => model.sent.filter(({ type }) => type === "ask");
  const strips = () => model.sent.filter(({ type }) => type === "strip");
  const saved = () => model.saved.map(({ value }) => value);
  /** @param {any} question @param {any} [more] */
  async function answer(question, { bytes = 8, ...more } = {}) {
    answerTo(model, question, more, bytes);
    await vi.advanceTimersByTimeAsync(0);
  }
  /** Whether the frame that is shown is the exact one. */
  const exact = () => {
    const frame = stage.frame();
    return Boolean(frame && stage.isExact(frame));
  };
  return { stage, model, asks, strips, answer, saved, exact };
}

describe("Stage", () => {
  it("asks for bare pixels once messages have shown that the link is fast", async () => {
    const { stage, asks, answer } = makeStage();
    for (let i = 1; i < 9; i++) {
      stage.move([i / 10], { rest: true });
      await answer(asks()[i - 1], { bytes: i % 2 ? 10_000 : 300_000, sent: Date.now() - 3 });
    }
    expect(asks()[0].fast).toBe(false);
    expect(asks()[7].fast).toBe(true);
  });

  it("shows the nearest frame of the same choice, and none of another", async () => {
    const about = { low: 0, high: 2, default: 0 };
    const _conditions = [
      { ...about, name: "class", choices: ["owl", "mug", "bee"] },
      { ...about, name: "sharpness" },
    ];
    const { stage, asks, answer } = makeStage({ _conditions, conditions: {} });
    for (const [i, at] of [
      [0, 0, 1],
      [1, 1, 1],
    ].entries()) {
      stage.move(at, { rest: true });
      await answer(asks()[i]);
    }
    stage.grab(1);
    stage.move([0, 1, 0.5]);
    expect(stage.frame()?.at, "of the same choice, however far").toEqual([1, 1, 1]);
    stage.move([0, 2, 1]);
    expect(stage.frame()).toBeUndefined();
  });

  it("asks for the exact frame where the thumb comes to rest, and tells the kernel", async () => {
    const { stage, asks, answer, saved, exact } = makeStage();
    stage.move([0.5], { rest: true });
    expect(asks()).toMatchObject([{ at: [0.5], route: "a" }]);
    await answer(asks()[0]);
    expect(exact()).toBe(true);
    expect(saved()).toEqual([0.5]);
  });

  it("tells the kernel of a drag now and then, and of where it ends", async () => {
    const { stage, saved } = makeStage();
    for (let i = 1; i <= 100; i++) {
      stage.move([i / 100]);
      await vi.advanceTimersByTimeAsync(8);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(saved().length).toBeLessThan(12);
    expect(saved().at(-1)).toBe(1);
  });

  it("leaves nothing in the model that a later save would send again", () => {
    const { stage, model } = makeStage();
    stage.move([0.5]);
    expect(model.get("value")).toBe(0);
  });

  it("follows Python, also to where it was before", async () => {
    const { stage, model, saved } = makeStage();
    stage.move([0.5], { rest: true });
    await vi.advanceTimersByTimeAsync(500);
    model.set("value", 0);
    await Promise.resolve(); // once all of the message is there
    expect(stage.at).toEqual([0]);
    await vi.advanceTimersByTimeAsync(500);
    expect(saved()).toHaveLength(1);
  });

  it("keeps what was moved since, where Python answers with another value", async () => {
    const { stage, model, saved } = makeStage({ value: [0, 0] }, (model) => ({
      read: () => [...model.state.value],
      write: (at) => model.set("value", at),
    }));
    stage.move([1, 0]);
    stage.tell();
    stage.move([1.3, 0], { rest: true });
    model.set("value", [1, -1]);
    await Promise.resolve();
    expect(stage.at).toEqual([1.3, -1]);
    await vi.advanceTimersByTimeAsync(500);
    expect(model.get("value")).toEqual([1.3, -1]);
    expect(saved()).toHaveLength(2);
  });

  it("does not wait for the answer about a route that is gone", () => {
    const { stage, model, asks } = makeStage();
    stage.move([0.3], { rest: true });
    model.set("_route", "b");
    expect(asks()).toHaveLength(2);
    expect(asks()[1]).toMatchObject({ at: [0.3], route: "b" });
  });

  it("shows an error of a question asked beside, and of nobody else's", () => {
    const { stage, model, asks } = makeStage();
    stage.askBeside("before", []);
    const failed = /** @type {const} */ ({ type: "error", message: "no base" });
    refuse(model, { ...asks()[0], client: "other" }, failed);
    expect(stage.error).toBe("");
    refuse(model, asks()[0], failed);
    expect(stage.error).toBe("no base");
  });

  it("shows a refusal until the answer to a later question", async () => {
    const { stage, model, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    model.emit("msg:custom", { of: "state", type: "error", message: "no" }, []);
    await answer(asks()[0]);
    expect(stage.error).toBe("no");
    stage.askBeside("before", []); // which the page asks by itself
    await answer(asks()[1]);
    expect(stage.error).toBe("no");
    stage.move([0.4], { rest: true });
    await answer(asks()[2]);
    expect(stage.error).toBe("");
  });

  it("forgets an error of a question by the answer to any other", async () => {
    const { stage, model, asks, answer } = makeStage();
    stage.askBeside("loupe", [0.3]);
    refuse(model, asks()[0], { type: "error", message: "no picture" });
    expect(stage.error).toBe("no picture");
    stage.askBeside("loupe", [0.4]);
    await answer(asks()[1]);
    expect(stage.error).toBe("");
  });

  it("lets Python have the last word when it stops the playing and sets a value", async () => {
    const { stage, model, saved } = makeStage();
    stage.play([0.484]);
    stage.settleSoon();
    model.set("value", 0.25);
    await vi.advanceTimersByTimeAsync(500);
    expect(stage.at).toEqual([0.25]);
    expect(saved()).toEqual([]);
  });

  it("asks again when the path changes while a question is on its way", async () => {
    const { stage, model, asks, answer, exact } = makeStage();
    stage.move([0.3], { rest: true });
    model.set("_route", "b");
    refuse(model, asks()[0], { type: "stale" });
    expect(asks().at(-1)).toMatchObject({ at: [0.3], route: "b" });
    await answer(asks().at(-1));
    expect(exact()).toBe(true);
  });

  it("never calls a frame of another route exact", async () => {
    const { stage, model, asks, answer, exact } = makeStage();
    stage.move([0.3], { rest: true });
    await answer(asks()[0]);
    const frame = stage.frame();
    model.set("_route", "b");
    expect(exact()).toBe(false);
    expect(frame && stage.isExact(frame)).toBe(false);
    expect(stage.frame()).toBeUndefined();
  });

  it("shows an error until a frame comes", async () => {
    const { stage, model, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    refuse(model, asks()[0], { type: "error", message: "no picture" });
    expect(stage.error).toBe("no picture");
    stage.move([0.4], { rest: true });
    await answer(asks().at(-1));
    expect(stage.error).toBe("");
  });

  it("forgets an error where the exact frame is here already", async () => {
    const { stage, model, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    await answer(asks()[0]);
    stage.move([0.4], { rest: true });
    refuse(model, asks().at(-1), { type: "error", message: "no picture" });
    stage.move([0.3], { rest: true });
    expect(stage.error).toBe("");
  });

  it("asks for the strip of a new route also where the old one is answered after it", async () => {
    const { stage, model, strips } = makeStage();
    stage.see({}, true);
    model.set("_route", "b");
    refuse(model, strips()[0], { type: "stale" });
    expect(strips().at(-1)).toMatchObject({ route: "b" });
  });

  it("goes on showing what it has where the kernel is gone", () => {
    const { stage, model } = makeStage();
    const changed = vi.fn();
    stage.listen(changed, new AbortController().signal);
    model.send = () => {
      throw new Error("Cannot send");
    };
    stage.move([0.3], { rest: true });
    expect(stage.error).toContain("could not be reached");
    expect(changed).toHaveBeenCalled();
  });

  it("has fields that nobody else can set", () => {
    const stage = /** @type {any} */ (makeStage().stage);
    for (const name of ["at", "axis", "route", "error", "busy", "inSight", "pace"]) {
      expect(() => {
        stage[name] = 1;
      }, name).toThrow(TypeError);
    }
    expect(Object.keys(stage)).toEqual(["model", "kind", "store"]);
  });

  it("goes to what a control reads without telling the kernel", async () => {
    let over = 0.5;
    const { stage, model, asks, saved } = makeStage({}, () => ({ read: () => [over] }));
    over = 0.75;
    stage.look([over]);
    expect(asks()).toMatchObject([{ at: [0.75] }]);
    over = 0.25;
    stage.look([over]);
    await vi.advanceTimersByTimeAsync(500);
    const changed = vi.fn();
    stage.listen(changed, new AbortController().signal);
    model.emit("change:value"); // the control reads what it read before
    expect(changed).not.toHaveBeenCalled();
    expect(stage.at).toEqual([0.25]);
    expect(saved()).toEqual([]);
  });

  describe("where the decoder gives drafts", () => {
    /** A stage, and what it shows: which draft, or "exact". */
    function makeDrafting() {
      const made = makeStage();
      const { model, stage } = made;
      /** @param {any} question @param {number} number @param {boolean} [more] */
      async function draft(question, number, more) {
        answerDraft(model, question, number, more);
        await vi.advanceTimersByTimeAsync(0);
      }
      const shown = () => (made.exact() ? "exact" : (stage.frame()?.draft ?? null));
      const stops = () => model.sent.filter(({ type }) => type === "stop");
      return { ...made, draft, shown, stops };
    }

    it("shows them as they come, and then the exact frame", async () => {
      const { stage, asks, answer, draft, shown } = makeDrafting();
      stage.move([0.5], { rest: true });
      await draft(asks()[0], 1);
      expect(shown()).toBe(1);
      expect(stage.busy).toBe(true);
      await draft(asks()[0], 2);
      expect(shown()).toBe(2);
      await answer(asks()[0]);
      expect(shown()).toBe("exact");
      expect(stage.busy).toBe(false);
      await draft(asks()[0], 3);
      expect(shown(), "too late").toBe("exact");
      expect(asks()).toHaveLength(1);
    });

    it("shows no draft of an old question in place of what is there now", async () => {
      const { stage, asks, answer, draft, shown } = makeDrafting();
      stage.move([0.5], { rest: true });
      await draft(asks()[0], 1);
      stage.move([0.8], { rest: true });
      expect(asks()).toHaveLength(2);
      await draft(asks()[1], 1);
      await draft(asks()[0], 2);
      expect(stage.frame()?.at).toEqual([0.8]);
      await answer(asks()[1]);
      await draft(asks()[0], 3);
      expect(shown()).toBe("exact");
      expect(stage.frame()?.at).toEqual([0.8]);
    });

    it("tells the kernel once when the thumb has moved on", async () => {
      const { stage, asks, draft, answer, stops } = makeDrafting();
      const strip = { type: "strip", client: "another", seq: 1, route: "a", positions: [[0], [1]] };
      await answer(strip, { more: true });
      stage.move([0.5]);
      await vi.advanceTimersByTimeAsync(50);
      await draft(asks().at(-1), 1);
      for (const t of [0.51, 0.52, 0.53]) stage.move([t]);
      expect(stops()).toHaveLength(1);
      expect(stage.busy).toBe(false);
      await vi.advanceTimersByTimeAsync(50);
      expect(asks().at(-1)).toMatchObject({ at: [0.53] });
      await draft(asks().at(-1), 1);
      stage.play([0.6]);
      expect(stops()).toHaveLength(2);
    });

    it("keeps an error until the exact frame is here, and the draft below it", async () => {
      const { stage, model, asks, draft, shown, answer } = makeDrafting();
      stage.move([0.5], { rest: true });
      await draft(asks()[0], 1);
      refuse(model, asks()[0], { type: "error", message: "no more" });
      expect(stage.error).toBe("no more");
      expect(shown()).toBe(1);
      stage.move([0.6], { rest: true });
      await draft(asks()[1], 1);
      expect(stage.error).toBe("no more");
      await answer(asks()[1]);
      expect(stage.error).toBe("");
    });

    it("fills the strip with drafts, and replaces them when nothing else is asked", async () => {
      const { stage, strips, asks, draft, answer } = makeDrafting();
      await answer({ type: "ask", client: "another", seq: 1, route: "a", at: [0] });
      stage.see({}, true);
      for (let i = 0; strips().at(-1)?.drafts && i < 99; i++)
        await draft(strips().at(-1), 1, false);
      expect(stage.store.along("a")).toHaveLength(65);
      const refining = strips().at(-1);
      expect(refining).toMatchObject({ drafts: false });
      stage.move([0.3], { rest: true });
      await answer(refining, {
        frames: [{ at: refining.positions[0], mime: "image/png", lossless: false, draft: 5 }],
      });
      expect(strips().at(-1), "a question waits").toBe(refining);
      await answer(asks().at(-1));
      expect(strips().at(-1)).toMatchObject({ drafts: false, positions: expect.any(Array) });
      expect(strips().at(-1)).not.toBe(refining);
    });
  });
});
