import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { playTo } from "../../src/controls/player.js";
import { images } from "../../src/frames/images.js";
import { FrameStore } from "../../src/frames/store.js";
import { createControl } from "../../src/interpolator/control.js";
import { Stage } from "../../src/stage/stage.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stage on a model that keeps what is sent, with pictures that open at once. */
function makeStage() {
  /** @type {Record<string, unknown>} */
  const state = { value: 0, _line: "a", frame_memory: 64, strip_length: 65, filmstrip: 0 };
  /** @type {Record<string, Function[]>} */
  const handlers = {};
  /** @type {any[]} */
  const sent = [];
  const saved = vi.fn();
  const model = {
    get: (/** @type {string} */ name) => state[name],
    set(/** @type {string} */ name, /** @type {unknown} */ value) {
      if (state[name] === value) return;
      state[name] = value;
      for (const handler of handlers[`change:${name}`] ?? []) handler();
    },
    save_changes: () => saved(state.value),
    send: (/** @type {any} */ content) => sent.push(content),
    on(/** @type {string} */ name, /** @type {Function} */ handler) {
      handlers[name] = [...(handlers[name] ?? []), handler];
    },
  };
  const bitmap = /** @type {any} */ ({ width: 1, height: 1, close: () => {} });
  const store = new FrameStore(0, async () => bitmap);
  const control = createControl(/** @type {any} */ (model));
  const { signal } = new AbortController();
  const stage = new Stage(/** @type {any} */ (model), signal, control, images, store);
  const asks = () => sent.filter(({ type }) => type === "ask");
  const strips = () => sent.filter(({ type }) => type === "strip");
  /** @param {any} question @param {any} [more] */
  async function answer(question, { bytes = 8, ...more } = {}) {
    const frames = [{ at: question.at, mime: "image/png", lossless: true }];
    const { client, seq, line } = question;
    const content = { type: "frames", of: "ask", client, seq, line, frames, ms: 1, ...more };
    stage.receive(/** @type {any} */ (content), [new DataView(new ArrayBuffer(bytes))]);
    await vi.advanceTimersByTimeAsync(0);
  }
  return { stage, model, asks, strips, answer, saved };
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

  it("asks for the exact frame where the thumb comes to rest, and tells the kernel", async () => {
    const { stage, asks, answer, saved } = makeStage();
    stage.move([0.5], { rest: true });
    expect(asks()).toMatchObject([{ at: [0.5], line: "a" }]);
    await answer(asks()[0]);
    expect(stage.exact).toBe(true);
    expect(saved.mock.calls).toEqual([[0.5]]);
  });

  it("tells the kernel of a drag now and then, and of where it ends", async () => {
    const { stage, saved } = makeStage();
    for (let i = 1; i <= 100; i++) {
      stage.move([i / 100]);
      await vi.advanceTimersByTimeAsync(8);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(saved.mock.calls.length).toBeLessThan(12);
    expect(saved.mock.calls.at(-1)).toEqual([1]);
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
    expect(stage.at).toEqual([0]);
    await vi.advanceTimersByTimeAsync(500);
    expect(saved).toHaveBeenCalledTimes(1);
  });

  it("keeps what was moved since, where Python answers with another value", async () => {
    const { stage, model, saved } = makeStage();
    const read = () => [0, 1].map((i) => /** @type {number[]} */ (model.get("pair"))[i]);
    model.set("pair", [0, 0]);
    stage.known = stage.at = [0, 0];
    stage.control = { ...stage.control, read, write: (at) => model.set("pair", at) };
    stage.move([1, 0]);
    stage.tell();
    stage.move([1.3, 0], { rest: true });
    model.set("pair", [1, -1]);
    stage.follow();
    expect(stage.at).toEqual([1.3, -1]);
    await vi.advanceTimersByTimeAsync(500);
    expect(model.get("pair")).toEqual([1.3, -1]);
    expect(saved).toHaveBeenCalledTimes(2);
  });

  it("does not wait for the answer about a line that is gone", () => {
    const { stage, model, asks } = makeStage();
    stage.move([0.3], { rest: true });
    model.set("_line", "b");
    expect(asks()).toHaveLength(2);
    expect(asks()[1]).toMatchObject({ at: [0.3], line: "b" });
  });

  it("shows an error of a question asked beside, and of nobody else's", async () => {
    const { stage, answer } = makeStage();
    const other = { client: "other", seq: 1, line: "a", at: [] };
    const failed = { type: "error", message: "no base", frames: undefined };
    await answer(other, failed);
    expect(stage.error).toBe("");
    await answer({ ...other, client: `${stage.client}-before` }, failed);
    expect(stage.error).toBe("no base");
  });

  it("shows a refusal until the answer to a later question", async () => {
    const { stage, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    stage.receive(/** @type {any} */ ({ of: "state", type: "error", message: "no" }), []);
    await answer(asks()[0]);
    expect(stage.error).toBe("no");
    const aside = { ...asks()[0], client: `${stage.client}-before`, seq: 9 };
    await answer(aside); // which the page asks by itself
    expect(stage.error).toBe("no");
    stage.move([0.4], { rest: true });
    await answer(asks()[1]);
    expect(stage.error).toBe("");
  });

  it("forgets an error of a question by the answer to any other", async () => {
    const { stage, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    const aside = { ...asks()[0], client: `${stage.client}-loupe`, seq: 9 };
    await answer(aside, { type: "error", message: "no picture", frames: undefined });
    expect(stage.error).toBe("no picture");
    await answer({ ...aside, seq: 10 });
    expect(stage.error).toBe("");
  });

  it("lets Python have the last word when it stops the playing and sets a value", async () => {
    const { stage, model, saved } = makeStage();
    playTo(stage, 0.484);
    stage.settleSoon();
    model.set("value", 0.25);
    await vi.advanceTimersByTimeAsync(500);
    expect(stage.at).toEqual([0.25]);
    expect(saved).not.toHaveBeenCalled();
  });

  it("asks again when the path changes while a question is on its way", async () => {
    const { stage, model, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    model.set("_line", "b");
    await answer(asks()[0], { type: "stale", frames: undefined });
    expect(asks().at(-1)).toMatchObject({ at: [0.3], line: "b" });
    await answer(asks().at(-1));
    expect(stage.exact).toBe(true);
  });

  it("never calls a frame of another line exact", async () => {
    const { stage, model, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    await answer(asks()[0]);
    const frame = stage.frame();
    model.set("_line", "b");
    expect(stage.exact).toBe(false);
    expect(frame && stage.isExact(frame)).toBe(false);
    expect(stage.frame()).toBeUndefined();
  });

  it("shows an error until a frame comes", async () => {
    const { stage, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    await answer(asks()[0], { type: "error", message: "no picture", frames: undefined });
    expect(stage.error).toBe("no picture");
    stage.move([0.4], { rest: true });
    await answer(asks().at(-1));
    expect(stage.error).toBe("");
  });

  it("forgets an error where the exact frame is here already", async () => {
    const { stage, asks, answer } = makeStage();
    stage.move([0.3], { rest: true });
    await answer(asks()[0]);
    stage.move([0.4], { rest: true });
    await answer(asks().at(-1), { type: "error", message: "no picture", frames: undefined });
    stage.move([0.3], { rest: true });
    expect(stage.error).toBe("");
  });

  it("asks for the strip of a new line also where the old one is answered after it", async () => {
    const { stage, model, strips, answer } = makeStage();
    stage.see({}, true);
    model.set("_line", "b");
    await answer(strips()[0], { of: "strip", type: "stale", frames: undefined });
    expect(strips().at(-1)).toMatchObject({ line: "b" });
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

  it("copies no latent that did not come", async () => {
    const { stage } = makeStage();
    const copy = stage.latentText();
    const refused = expect(copy).rejects.toThrow("did not answer");
    await vi.advanceTimersByTimeAsync(5000);
    await refused;
  });
});
