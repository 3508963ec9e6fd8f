import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runtimeOf } from "../../src/decode_in_page/runtime.js";

const [CODE, BINARY] = [1, 2].map((number) => Uint8Array.of(number).buffer);
/** @type {ReturnType<typeof vi.fn>} */
let fetched;
let count = 0;
beforeEach(() => {
  fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);
  count += 1;
});
afterEach(() => void vi.unstubAllGlobals());

/** @param {ArrayBuffer} data */
function response(data, ok = true, type = "application/gzip") {
  return { ok, headers: new Headers({ "Content-Type": type }), arrayBuffer: async () => data };
}

const ask = () => vi.fn(async () => [CODE, BINARY]);

it("what runs networks comes from the Jupyter server, by its version", async () => {
  fetched.mockImplementation(async (url) => response(`${url}`.includes("wasm") ? BINARY : CODE));
  const asked = ask();
  expect(await runtimeOf("runtime", "1.2", "http://hub/user/me/", asked, 1000)).toEqual([
    CODE,
    BINARY,
  ]);
  expect(fetched.mock.calls.map(([url]) => `${url}`)).toEqual([
    "http://hub/user/me/latentwidgets/runtime/ort.mjs.gz?v=1.2",
    "http://hub/user/me/latentwidgets/runtime/ort.wasm.gz?v=1.2",
  ]);
  await runtimeOf("webgpu", "1.2", "http://hub/user/me/", asked, 1000);
  expect(fetched.mock.calls.slice(2).map(([url]) => `${url}`)).toEqual([
    "http://hub/user/me/latentwidgets/runtime/ort.webgpu.mjs.gz?v=1.2",
    "http://hub/user/me/latentwidgets/runtime/ort.webgpu.wasm.gz?v=1.2",
  ]);
  expect(asked).not.toHaveBeenCalled();
});

it.each([
  ["no server is known", undefined, () => response(CODE)],
  ["the server does not have it", "http://hub/", () => response(CODE, false)],
  ["it answers with a page of its own", "http://hub/", () => response(CODE, true, "text/html")],
])("where %s, the kernel sends it, once a page", async (_, server, answer) => {
  fetched.mockImplementation(async () => answer());
  const [asked, again] = [ask(), ask()];
  const version = `of the kernel, ${count}`;
  expect(await runtimeOf("runtime", version, server, asked, 1000)).toEqual([CODE, BINARY]);
  expect(await runtimeOf("runtime", version, server, again, 1000)).toEqual([CODE, BINARY]);
  expect([asked, again].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
  await runtimeOf("runtime", `${version}, newer`, server, again, 1000);
  expect(again).toHaveBeenCalledOnce();
});

it("a server that never answers is waited for only so long, and the kernel is not asked", async () => {
  fetched.mockImplementation(
    (_, { signal }) => new Promise((_, fail) => signal.addEventListener("abort", fail)),
  );
  const asked = ask();
  const why = "what runs networks did not come within 0.02 seconds.";
  await expect(runtimeOf("runtime", "slow", "http://hub/", asked, 20)).rejects.toThrow(why);
  expect(asked).not.toHaveBeenCalled();
});
