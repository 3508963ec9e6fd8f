import { afterEach, expect, it, vi } from "vitest";
import { checkGpu } from "../../src/decode_in_page/gpu.js";

afterEach(() => void vi.unstubAllGlobals());

/** A browser. @param {any} gpu @param {{ secure?: boolean, waits?: boolean }} [how] */
function browser(gpu, { secure = true, waits = true } = {}) {
  vi.stubGlobal("navigator", { gpu });
  vi.stubGlobal("isSecureContext", secure);
  vi.stubGlobal("WebAssembly", waits ? { Suspending: class {} } : {});
}

const found = { requestAdapter: async () => ({}) };
const broken = {
  requestAdapter: async () => {
    throw new Error("no");
  },
};

it.each([
  ["has no WebGPU", undefined, {}, "this browser has no WebGPU"],
  ["is not safe", undefined, { secure: false }, "browsers allow it to pages of https and of this"],
  ["cannot wait for it", found, { waits: false }, "this browser has no JSPI"],
  ["has none", { requestAdapter: async () => null }, {}, "this browser finds no GPU"],
  ["cannot ask for it", broken, {}, "this browser finds no GPU"],
])("a page that %s says why it uses no GPU", async (_, gpu, how, words) => {
  browser(gpu, how);
  await expect(checkGpu()).rejects.toThrow(words);
});

it("a page that can use a GPU is not refused", async () => {
  browser(found);
  await expect(checkGpu()).resolves.toBeUndefined();
});
