import { afterEach, describe, expect, it, vi } from "vitest";
import { createControl } from "../../src/interpolator/control.js";
import { LiveModel } from "../../src/live_page/model.js";
import takeOver from "../../src/parts/page.js";
import { Stage } from "../../src/stage/stage.js";
import { makeKind, makeStore } from "../model.js";
import { checked, deflatedOf, level, views, WEIGHTS, workers } from "../parts/paged.js";

let count = 0;
/** @type {AbortController[]} */
const lives = [];
afterEach(() => {
  for (const life of lives.splice(0)) life.abort();
});

/** @param {DataView} view */
function base64({ buffer }) {
  return btoa(String.fromCharCode(...new Uint8Array(/** @type {ArrayBuffer} */ (buffer))));
}

/** What a file answers. @param {Parameters<typeof checked>[1]} [how] */
function tellAll(how) {
  const question = { client: "", seq: 0, route: "", at: [0.5] };
  /** @type {Record<string, any>} */
  const told = {};
  for (const part of ["offer", "check"]) {
    const { content, buffers } = checked({ ...question, part }, how);
    told[part] = { answer: content, buffers: buffers.map(base64), packed: false };
  }
  const weights = views(WEIGHTS.map(({ buffer }) => buffer));
  told.network = { answer: {}, buffers: weights.map(base64), packed: false };
  return told;
}

/** An interpolator on a page that was saved live. @param {(part: string) => any} read */
function open(read) {
  /** @type {string[]} */
  const said = [];
  const state = { value: 0.5, _route: "recorded", runs_in: "kernel", _conditions: [] };
  const more = { conditions: {}, frame_memory: 64, strip_length: 2, filmstrip: 0 };
  const model = new LiveModel({ ...state, ...more }, [[0], [0.5], [1]], read, (words) =>
    said.push(words),
  );
  const life = new AbortController();
  lives.push(life);
  const any = /** @type {any} */ (model);
  const stage = new Stage(any, life.signal, createControl(any), makeKind(), makeStore());
  const frames = [0, 0.5, 1].map((t) => ({ at: [t], mime: "image/png", lossless: true, draft: 0 }));
  model.deliver(
    frames,
    frames.map(() => new DataView(new ArrayBuffer(8))),
  );
  stage.see({}, true);
  count += 1;
  takeOver(stage, `the live code, ${count}`, stage.at, life.signal);
  async function rest(ms = 300) {
    for (let i = 0; i < 4; i++) await vi.advanceTimersByTimeAsync(ms / 4);
  }
  /** @param {number} t */
  async function go(t) {
    stage.move([t], { rest: true });
    await rest();
  }
  const shown = () => /** @type {any} */ (stage.frame()?.bitmap)?.data?.[0];
  return { model, stage, said, rest, go, shown };
}

describe("a live page", () => {
  it("takes over before anybody has moved, and then any value stays", async () => {
    const told = tellAll();
    const { model, stage, said, rest, go, shown } = open((part) => told[part]);
    expect(said).toEqual([expect.stringContaining("being made ready")]);
    await rest();
    expect(model.get("runs_in")).toBe("page");
    expect(said.at(-1)).toContain("Live");
    await go(0.73);
    await rest(1000);
    expect(shown()).toBe(level(0.73));
    expect(stage.frame()).toMatchObject({ at: [0.73], here: true });
    expect(stage.mailbox.here).toContain("in the page");
    expect(model.get("value")).toBe(0.73);
    model.set("conditions", { gain: 2 });
    model.save_changes();
    await rest(2000);
    expect(model.get("value")).toBe(0.73);
    expect(model.get("conditions")).toEqual({ gain: 2 });
  });

  it("says at once what cannot be decoded at one place, and goes on at the next", async () => {
    const told = tellAll();
    const { model, stage, rest, shown } = open((part) => told[part]);
    await rest();
    const words = "this cannot be decoded: an output holds NaN or infinity";
    const asks = [
      () => stage.move([1e38], { rest: true }),
      () => stage.mailbox.askStrip("recorded", [[1e38], [0.2]], false),
    ];
    for (const [i, ask] of asks.entries()) {
      ask();
      await vi.advanceTimersByTimeAsync(50);
      expect(stage.error).toBe(words);
      const next = 0.31 + i / 10;
      stage.move([next], { rest: true });
      await vi.advanceTimersByTimeAsync(50);
      expect(shown()).toBe(level(next));
      expect(stage.error).toBe("");
    }
    expect(model.get("runs_in"), "elsewhere it decodes").toBe("page");
  });

  it("gives other words than damage for other faults", async () => {
    const { said, rest } = open(() => {
      throw new RangeError("Array buffer allocation failed");
    });
    await rest();
    expect(said.at(-1)).toMatch(/^Not live: Array buffer allocation failed\./);
  });

  it("opens what is packed", { timeout: 20_000 }, async () => {
    const told = tellAll();
    const weights = views(WEIGHTS.map(({ buffer }) => buffer));
    const packed = await Promise.all(weights.map(deflatedOf));
    told.network = { answer: {}, buffers: packed.map(base64), packed: true };
    const { model, rest, go, shown } = open((part) => told[part]);
    await rest();
    vi.useRealTimers(); // streams have their own
    await vi.waitFor(() => expect(model.get("runs_in")).toBe("page"), 10_000);
    vi.useFakeTimers();
    await go(0.3);
    expect(shown()).toBe(level(0.3));
  });

  it("goes to what is recorded until it has taken over", async () => {
    const told = tellAll();
    const { model, stage, rest } = open((part) => told[part]);
    workers.idle(); // it takes a while
    stage.move([0.3], { rest: true });
    await rest(900);
    expect(model.get("value"), "the next there").toBe(0);
  });

  it("is decoded here however slow a kernel on the same machine would have made it", async () => {
    const told = tellAll();
    workers.pace(90); // a kernel that takes 3 ms would be faster
    const { model, rest } = open((part) => told[part]);
    await rest();
    expect(model.get("runs_in")).toBe("page");
  });

  const damaged = /the decoder in this file is damaged/;
  it.each([
    ["that is not there", () => ({}), damaged],
    ["of which half is gone", () => ({ ...tellAll(), network: { answer: {} } }), damaged],
    [
      "whose bytes are none",
      () => ({ ...tellAll(), network: { answer: {}, buffers: ["€"], packed: true } }),
      damaged,
    ],
    ["that decodes something else", () => tellAll({ off: 9 }), /9 of 255 levels off/],
  ])("says why it stays with what is saved: a decoder %s", async (_, make, why) => {
    const told = /** @type {Record<string, any>} */ (make());
    const { model, stage, said, rest, go } = open((part) => told[part]);
    await rest();
    expect(said.at(-1)).toMatch(/^Not live: /);
    expect(said.at(-1)).toMatch(why);
    expect(said.at(-1)).toMatch(
      /\. The pictures are those that were saved\. To try once more, open the page again/,
    );
    expect(stage.error, "it is no fault of the person's").toBe("");
    await go(0.3);
    await rest();
    expect(model.get("value"), "the next there").toBe(0);
    expect(stage.frame()).toMatchObject({ at: [0] });
  });

  it("goes back to what is saved, conditions too, where the decoder ends", async () => {
    const told = tellAll();
    const { model, stage, said, rest, go } = open((part) => told[part]);
    await rest();
    await go(0.73);
    model.set("conditions", { gain: 2 });
    stage.store.close(); // as where much was decoded since
    workers.made[0].fail("out of memory");
    await rest();
    expect(said.at(-1)).toMatch(/^Not live: out of memory/);
    await rest();
    expect(model.get("value"), "the next there").toBe(1);
    expect(model.get("conditions")).toEqual({});
    expect(stage.store.get("recorded", [1])).toBeTruthy();
  });

  it("wakes a decoder that nobody has used for long, and shows what was asked meanwhile", async () => {
    const told = tellAll();
    const { rest, go, shown } = open((part) => told[part]);
    await rest();
    await go(0.73);
    await rest(200_000);
    expect(workers.made.every(({ ended }) => ended)).toBe(true);
    await go(0.31);
    expect(shown(), "without waiting for any kernel").toBe(level(0.31));
  });
});
