import { afterEach, beforeEach, expect, vi } from "vitest";
import { createControl } from "../../src/interpolator/control.js";
import takeOver from "../../src/parts/page.js";
import { Stage } from "../../src/stage/stage.js";
import { makeWorkers } from "../decode_in_page/workers.js";
import { answer, makeKind, makeModel, makeStore } from "../model.js";

/** @type {ReturnType<typeof makeWorkers>} */
export let workers;
let count = 0;
/** Of this page: a page remembers what it refused. */
let code = "";
beforeEach(() => {
  count += 1;
  code = `the code, ${count}`;
  vi.useFakeTimers();
  workers = makeWorkers({ working: true });
  // jsdom has no ImageData without a canvas package.
  vi.stubGlobal(
    "ImageData",
    class {
      /** @param {Uint8ClampedArray} data @param {number} width */
      constructor(data, width) {
        Object.assign(this, { data, width, height: data.length / 4 / width });
      }
    },
  );
});
/** @type {AbortController[]} */
const lives = [];
afterEach(async () => {
  for (const life of lives.splice(0)) life.abort();
  await vi.advanceTimersByTimeAsync(0);
  workers.restore();
  vi.useRealTimers();
});

// A latent is one number, a picture one pixel of grey: its level is 50 and 100 times the latent.
export const WEIGHTS = [Float32Array.of(100), Float32Array.of(50)];
const PLACES = [[0.1], [0.2], [0.3]];
/** The same as a plan and as the kernel's picture. @param {number} t */
export const level = (t) => Math.floor(50 + 100 * t);
export const PLAN = [
  ["points", [1, 1], [0]],
  ["starts", [1, 1], [0]],
  ["moves", [1, 1], [1]],
];
export const views = (/** @type {ArrayBuffer[]} */ buffers) =>
  buffers.map((one) => new DataView(one));

/**
 * What the kernel says of the decoder.
 * @param {any} question
 * @param {{ off?: number, name?: string, more?: object, once?: boolean }} [how] `off`: how many levels the last picture is off; `once`: whether only what was asked by now is answered
 */
export function checked(
  { client, seq, route, at, part },
  { off = 0, name = "a decoder", more = {} } = {},
) {
  const positions = [at, ...PLACES];
  const pictures = positions.map(([t], i) => {
    const grey = level(t) + (i === PLACES.length ? off : 0);
    return Uint8Array.of(grey, grey, grey, 255).buffer;
  });
  const content = {
    ...{ type: "decoder", of: "decoder", client, seq, route, reason: "", name },
    ...{
      ms: 3,
      batch_ms: 3,
      linear: true,
      runtime: "1",
      latent_shape: [1],
      conditions: [],
      positions,
    },
    reading: { stored: [1, 1, 1], first: true, origin: 0, scale: 1 },
    plan: { form: "edit", shown: 1, closed: false },
    arrays: PLAN.map(([key, shape]) => [key, shape, 8]),
    lines: [],
    ...more,
  };
  const arrays = PLAN.map(([, , data]) => Float64Array.from(/** @type {number[]} */ (data)).buffer);
  if (part === "check") return { content, buffers: views(pictures) };
  const rows = new ArrayBuffer(0);
  return { content: { ...content, positions: [] }, buffers: views([...arrays, rows]) };
}

/** @param {DataView<ArrayBuffer>} view */
export async function deflatedOf(view) {
  const { body } = new Response(view);
  const stream = /** @type {ReadableStream} */ (body).pipeThrough(new CompressionStream("deflate"));
  return new DataView(await new Response(stream).arrayBuffer());
}

/** A widget that has been used, and its kernel, which answers when the test says so. @param {object} [state] */
export function make(state = {}) {
  const model = makeModel({
    ...{ value: 0, _route: "a", run: "auto", runs_in: "kernel", page_memory: 64, _exports: 0 },
    ...{ frame_memory: 64, strip_length: 2, filmstrip: 0, ...state },
  });
  const life = new AbortController();
  lives.push(life);
  const stage = new Stage(model, life.signal, createControl(model), makeKind(), makeStore());
  const view = {};
  stage.see(view, true);
  takeOver(stage, code, stage.at, life.signal);
  /** What it was asked of decoders, and has not answered. */
  const asked = () => model.sent.filter(({ type }) => type === "decoder");
  /** Answer all that is asked. @param {Parameters<typeof checked>[1]} [how] */
  async function kernel(how) {
    for (let i = 0; i < (how?.once ? 1 : 8); i++) {
      for (const question of model.sent.splice(0)) {
        const { type, part, client, seq, route } = question;
        if (type === "ask" || type === "strip") answer(model, question);
        if (part === "offer" || part === "check") {
          const { content, buffers } = checked(question, how);
          model.emit("msg:custom", content, buffers);
        } else if (part) {
          const about = { type: "decoder", of: "decoder", client, seq, route };
          model.emit("msg:custom", about, views(WEIGHTS.map(({ buffer }) => buffer)));
        }
      }
      await vi.advanceTimersByTimeAsync(0);
    }
  }
  const rest = () => vi.advanceTimersByTimeAsync(300);
  /** Have it taken over. */
  async function taken() {
    await kernel();
    stage.move([0.5], { rest: true });
    await kernel();
    await rest();
    await kernel();
    expect(model.get("runs_in")).toBe("page");
    model.sent.splice(0);
  }
  /** The level of the picture that is shown, and whether the page made it; else why there is none. */
  const shown = () => {
    const frame = stage.frame();
    const data = /** @type {any} */ (frame?.bitmap)?.data;
    return data ? data[0] : frame?.at;
  };
  /** Go there and stay. @param {number} t */
  async function go(t) {
    stage.move([t], { rest: true });
    await vi.advanceTimersByTimeAsync(0);
  }
  return { model, stage, life, view, asked, kernel, rest, taken, shown, go };
}
