import { expect, it } from "vitest";
import { linearOf, serve, unable } from "../../src/decode_in_page/worker.js";

/** A worker's scope, and what it has answered. */
function makeScope() {
  /** @type {any[]} */
  const answers = [];
  const scope = {
    onmessage: /** @type {any} */ (null),
    postMessage: (/** @type {any} */ done, /** @type {any} */ moved) => answers.push([done, moved]),
  };
  serve(scope);
  /** @param {Record<string, unknown>} task */
  async function ask(task) {
    scope.onmessage({ data: task });
    await new Promise((resolve) => setTimeout(resolve));
    return answers.at(-1);
  }
  return { scope, ask, answers };
}

// Two numbers to one pixel of grey: the first is worth 1, the second 10, and 100 is added.
const LINEAR = [Float32Array.of(1, 10), Float32Array.of(100)];
const MADE = { network: [], runtime: [], linear: LINEAR, latentShape: [2] };
const READING = { stored: [1, 1, 1], first: true, origin: 0, scale: 1 };

it("a linear decoder multiplies each latent with its weights and adds what it adds", async () => {
  const weights = Float32Array.of(1, 2, 3, 10, 20, 30);
  const decode = linearOf({ ...MADE, linear: [weights, Float32Array.of(100, 200, 300)] });
  expect([...(await decode(Float32Array.of(1, 0), 1))]).toEqual([101, 202, 303]);
  const both = [...(await decode(Float32Array.of(0, 0, 2, -1), 2))];
  expect(both).toEqual([100, 200, 300, 92, 184, 276]);
});

it("a worker makes a decoder, and then a picture of latents, which it hands over", async () => {
  const { ask } = makeScope();
  expect(await ask({ id: 1, made: MADE })).toEqual([{ id: 1 }, []]);
  const [done, moved] = await ask({ id: 2, latents: Float32Array.of(3, 2), reading: READING });
  expect([done.id, done.width, [...done.pixels]]).toEqual([2, 1, [123, 123, 123, 255]]);
  expect(done.ms).toBeGreaterThanOrEqual(0);
  expect(moved).toEqual([done.pixels.buffer]);
});

it("a worker answers one task after another, and goes on after one that fails", async () => {
  const { scope, ask, answers } = makeScope();
  const latents = Float32Array.of(3, 2);
  scope.onmessage({ data: { id: 1, made: MADE } });
  scope.onmessage({ data: { id: 2, latents: Float32Array.of(NaN, 2), reading: READING } });
  await ask({ id: 3, latents, reading: READING });
  expect(answers.map(([{ id }]) => id)).toEqual([1, 2, 3]);
  expect(answers[1]).toEqual([{ id: 2, error: "an output holds NaN or infinity" }, []]);
  expect(answers[2][0].error).toBeUndefined();
});

it("a worker says why it cannot make a decoder", async () => {
  const { ask } = makeScope();
  const [{ error }] = await ask({ id: 1, made: { ...MADE, linear: [] } });
  expect(error).toMatch(/\w/);
});

it.each([
  [new Error("failed. ERROR_MESSAGE: no such operator"), "cannot run it: no such operator"],
  ["out of memory", "cannot run it: out of memory"], // as WebAssembly may throw
  [undefined, "cannot run it: undefined"],
])("a worker says what the runtime throws, %s, whatever that is", (thrown, words) => {
  expect(() => unable(thrown)).toThrow(words);
});
