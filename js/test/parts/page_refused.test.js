import { describe, expect, it, vi } from "vitest";
import { checked, make, workers } from "./paged.js";

describe("what was refused", () => {
  /** A widget whose page has found its decoder to be 2 levels off. */
  async function refused() {
    const made = make();
    await made.go(0.5);
    await made.kernel();
    await made.rest();
    await made.kernel({ off: 2 });
    expect(made.model.get("runs_in")).toContain("kernel: what the page decodes is 2");
    return made;
  }
  /** Which parts are asked for in one turn, of a kernel whose decoder is right now. @param {any} made @param {string} [name] */
  async function partsOf({ model, kernel, rest, asked }, name) {
    await kernel();
    await rest();
    const parts = [];
    for (let i = 0; i < 3; i++) {
      const [question] = asked();
      if (!question) break;
      parts.push(question.part);
      await kernel({ name, once: true });
    }
    return [parts, model.get("runs_in").slice(0, 7)];
  }

  it("is not tried again at another route, nor by another widget of the page", async () => {
    const first = await refused();
    first.model.set("_route", "b");
    expect(await partsOf(first)).toEqual([["offer"], "kernel:"]);
    const second = make();
    await second.go(0.5);
    expect(await partsOf(second)).toEqual([["offer"], "kernel:"]);
    expect(workers.made).toHaveLength(1);
  });

  it("on the GPU is tried without it, and no other reason is told", async () => {
    const adapter = { requestAdapter: async () => ({}) };
    vi.stubGlobal("navigator", { gpu: adapter });
    vi.stubGlobal("isSecureContext", true);
    const waits = { Suspending: { value: class {} } };
    vi.stubGlobal("WebAssembly", Object.create(WebAssembly, waits));
    const { model, kernel, asked, go } = make({ page_gpu: true });
    await go(0.5);
    await kernel();
    /** @type {string[]} */
    const parts = [];
    await vi.waitFor(async () => {
      parts.push(...asked().map(({ part }) => part));
      // What this kernel sends is no runtime: neither can be made.
      await kernel({ more: { linear: false }, once: true });
      expect(model.get("runs_in")).toMatch(/^kernel: /);
    });
    expect(parts).toEqual(["offer", "network", "webgpu", "offer", "network", "runtime"]);
  });

  it("is tried again as another decoder", async () => {
    const { model, ...made } = await refused();
    model.set("_route", "b");
    expect(await partsOf({ model, ...made }, "another")).toEqual([
      ["offer", "network", "check"],
      "page",
    ]);
  });

  it.each([
    ["after ten minutes", () => vi.advanceTimersByTime(600_000)],
    [
      "once the model is said to have changed",
      (/** @type {any} */ model) => model.set("_exports", 1),
    ],
    ["where it is demanded", (/** @type {any} */ model) => model.set("run", "page")],
  ])("is tried again %s", async (_, change) => {
    const { model, ...made } = await refused();
    change(model);
    model.set("_route", "b");
    expect(await partsOf({ model, ...made })).toEqual([["offer", "network", "check"], "page"]);
  });

  it("is not what is off in passing: what could not be fetched is fetched anew", async () => {
    const { model, kernel, rest, go, asked } = make();
    await go(0.5);
    await kernel();
    await rest();
    const { content, buffers } = checked(asked()[0]);
    model.sent.splice(0);
    model.emit("msg:custom", content, buffers);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(model.get("runs_in")).toContain("kernel: the kernel did not send the network");
    model.set("_route", "b");
    await kernel();
    await rest();
    await kernel();
    expect(model.get("runs_in")).toBe("page");
  });
});
