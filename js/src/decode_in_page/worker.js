import { checkGpu } from "./gpu.js";
import { pictureOf } from "./pictures.js";
import { unpacked } from "./unpacked.js";

/**
 * What a decoder is made of. A network comes with the runtime: its module and its WebAssembly, both
 * compressed.
 * @typedef {object} Made
 * @property {ArrayBuffer[]} network the graph of ONNX; none of a linear decoder
 * @property {ArrayBuffer[]} runtime
 * @property {Float32Array[]} linear weights and offset; none of a network
 * @property {number[]} latentShape
 * @property {boolean} [gpu] whether the runtime is to use the GPU
 */

/**
 * What a worker is asked: to make a decoder, and then to decode with it.
 * @typedef {object} Task
 * @property {number} id
 * @property {"page" | "gpu"} [probe] that it is only to see what the page allows, or whether there is a GPU
 * @property {Made} [made]
 * @property {Float32Array} [latents] one after another
 * @property {Float32Array} [conditions] of the first, then of the next; left out where there are none
 * @property {import("./pictures.js").Reading} [reading]
 */

/**
 * What it answers. `pixels` are bytes, red, green, blue and opacity of each.
 * @typedef {{ id: number, error?: string, pixels?: Uint8ClampedArray<ArrayBuffer>, width?: number, ms?: number }} Done
 */

/** @typedef {(latents: Float32Array, count: number, conditions?: Float32Array) => Promise<Float32Array> | Float32Array} Decode */

/** A module of WebAssembly with nothing in it. */
const NOTHING = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/**
 * Decode in a worker, so that the page goes on meanwhile.
 * @param {{ onmessage: unknown, postMessage: (done: Done, moved: ArrayBuffer[]) => void }} scope
 */
export function serve(scope) {
  /** @type {Decode} */
  let decode;
  let size = 1;

  /**
   * @param {Task} task
   * @returns {Promise<Omit<Done, "id">>}
   */
  async function done({ probe, made, latents, conditions, reading }) {
    if (probe === "gpu") {
      await checkGpu();
      return {};
    }
    if (probe) {
      for (const needed of ["DecompressionStream", "WebAssembly"]) {
        if (!(/** @type {any} */ (globalThis)[needed]))
          throw new Error(`the page has no ${needed}.`);
      }
      try {
        new WebAssembly.Module(NOTHING);
      } catch (error) {
        throw new Error(`the page forbids WebAssembly: ${error}`);
      }
      return {};
    }
    if (made) {
      decode = await (made.network.length ? networkOf(made) : linearOf(made));
      size = made.latentShape.reduce((a, b) => a * b, 1);
      return {};
    }
    if (!latents || !reading) return {};
    const start = performance.now();
    const count = latents.length / size;
    const picture = pictureOf(await decode(latents, count, conditions), count, reading);
    return { ...picture, ms: performance.now() - start };
  }

  // One after another: a runtime runs one decode at a time.
  let last = Promise.resolve();
  scope.onmessage = (/** @type {{ data: Task }} */ { data }) => {
    last = last.then(async () => {
      const answer = await done(data).catch((error) => ({
        error: error?.message || String(error),
      }));
      const { pixels } = /** @type {Done} */ (answer);
      scope.postMessage({ ...answer, id: data.id }, pixels ? [pixels.buffer] : []);
    });
  };
}

/**
 * @param {Made} made
 * @returns {Decode}
 */
export function linearOf({ linear: [weights, offset] }) {
  const outputs = offset.length;
  return (latents, count) => {
    const size = latents.length / count;
    const found = new Float64Array(count * outputs);
    for (let i = 0; i < count; i++) {
      const row = found.subarray(i * outputs, (i + 1) * outputs);
      row.set(offset);
      for (let j = 0; j < size; j++) {
        const amount = latents[i * size + j];
        for (let k = 0; k < outputs; k++) row[k] += amount * weights[j * outputs + k];
      }
    }
    return Float32Array.from(found);
  };
}

/**
 * @param {Made} made
 * @returns {Promise<Decode>}
 */
async function networkOf({ network: [graph], runtime, latentShape, gpu }) {
  const [code, wasmBinary] = await Promise.all(runtime.map((one) => unpacked(one, "gzip")));
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const ort = await import(/* @vite-ignore */ url);
  URL.revokeObjectURL(url);
  Object.assign(ort.env.wasm, { numThreads: 1, proxy: false, wasmBinary });
  // It would warn of what it leaves to the processor.
  const how = { executionProviders: [gpu ? "webgpu" : "wasm"], logSeverityLevel: 3 };
  const session = await ort.InferenceSession.create(graph, how).catch(unable);
  ort.env.wasm.wasmBinary = undefined; // 14 MB, which are compiled by now
  return async (latents, count, conditions) => {
    /** @type {Record<string, unknown>} */
    const feeds = { latents: new ort.Tensor("float32", latents, [count, ...latentShape]) };
    if (conditions) {
      const shape = [count, conditions.length / count];
      feeds.conditions = new ort.Tensor("float32", conditions, shape);
    }
    const { outputs } = await session.run(feeds).catch(unable);
    return outputs.getData();
  };
}

/**
 * Say what the runtime cannot do, without its codes.
 * @param {any} error which need be no `Error`
 * @returns {never}
 */
export function unable(error) {
  const why = String(error?.message || error).replace(/^.*ERROR_MESSAGE: /s, "");
  throw new Error(`onnxruntime-web cannot run it: ${why}`);
}
