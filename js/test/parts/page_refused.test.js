import { beforeEach, describe, expect, it, vi } from "vitest";
import { checked, level, make, workers } from "./paged.js";

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

describe("a decoder on the GPU", () => {
  /** A network. */
  const how = { more: { linear: false } };
  let found = true;
  /** @type {Promise<any> | undefined} what a browser says that takes its time */
  let late;

  beforeEach(() => {
    found = true;
    late = undefined;
    const requestAdapter = async () => late ?? (found ? {} : null);
    vi.stubGlobal("navigator", { gpu: { requestAdapter } });
    vi.stubGlobal("isSecureContext", true);
    const waits = { Suspending: { value: class {} } };
    vi.stubGlobal("WebAssembly", Object.create(WebAssembly, waits));
  });

  /** A widget in use, which is to run on it, and all that is said of where it runs. @param {object} [state] */
  async function begun(state = {}) {
    const made = make({ page_gpu: true, ...state });
    /** @type {string[]} */
    const said = [];
    made.model.on("change:runs_in", () => said.push(made.model.get("runs_in")));
    vi.spyOn(made.stage, "fail").mockImplementation((why) => {
      if (why) said.push(`failed: ${why}`); // without, none is any more
    });
    await made.go(0.5);
    await made.kernel(how);
    await made.rest();
    return { ...made, said };
  }

  /** Where it has taken over. @param {object} [state] */
  async function running(state) {
    workers.runNetworks();
    const made = await begun(state);
    await made.kernel(how);
    expect(made.said.splice(0)).toEqual(["page"]);
    expect(made.stage.mailbox.here).toContain("; on the GPU, by WebGPU");
    expect(workers.made.map(({ tasks }) => tasks[0].made.gpu)).toEqual([true]);
    return made;
  }

  /** See that its processor has taken over. @param {any} made @param {string} why */
  async function goesOn({ rest, kernel, said, stage, go, shown }, why) {
    await kernel(how);
    await rest();
    await kernel(how);
    expect(said).toEqual(["kernel", `page: without WebGPU: ${why}`]);
    expect(stage.mailbox.here).toContain(`; on the processor, without WebGPU: ${why}`);
    expect(workers.made.map(({ tasks }) => tasks[0].made.gpu)).toEqual([true, false]);
    expect(workers.made.map(({ ended }) => ended)).toEqual([true, false]);
    await go(0.8);
    expect(shown()).toBe(level(0.8));
  }

  it("that cannot be made is tried without it, and no other reason is told", async () => {
    const { kernel, asked, said } = await begun();
    /** @type {string[]} */
    const parts = [];
    await vi.waitFor(async () => {
      parts.push(...asked().map(({ part }) => part));
      // What this kernel sends is no runtime: neither can be made.
      await kernel({ ...how, once: true });
      expect(said).toHaveLength(1);
    });
    expect(said).toMatchObject([expect.stringMatching(/^kernel: (?!with it)/)]);
    expect(parts).toEqual(["offer", "network", "webgpu", "offer", "network", "runtime"]);
  });

  it.each(["auto", "page"])(
    "that has come to take long is left for the processor, where run is %s",
    async (run) => {
      const made = await running({ run });
      workers.pace(400);
      for (let i = 0; i < 12; i++) await made.go(0.5 + i / 100);
      workers.pace(1);
      await goesOn(
        made,
        "with it, a picture takes 400 ms here; the kernel's is on the page in 38 ms.",
      );
    },
  );

  it("that is lost is left for the processor", async () => {
    const made = await running();
    workers.made[0].fail("the device is lost");
    await goesOn(made, "with it, the device is lost");
  });

  it("is not what was wrong where the kernel keeps its decoder", async () => {
    const { model, kernel, rest, said } = await running();
    for (const reason of ["it is random", ""]) {
      model.set("_route", reason || "c");
      await kernel(how);
      await rest();
      await kernel({ more: { ...how.more, reason } });
    }
    expect(said).toEqual(["kernel", "kernel: it is random", "kernel", "page"]);
  });

  it("is tried again at another route, where it was missing in passing", async () => {
    found = false;
    workers.runNetworks();
    const { model, kernel, rest, said } = await begun();
    await kernel(how);
    expect(said).toEqual(["page: without WebGPU: this browser finds no GPU that it may use"]);
    found = true;
    await vi.advanceTimersByTimeAsync(600_000); // for so long it is not asked again
    model.set("_route", "b");
    await kernel(how);
    await rest();
    await kernel(how);
    expect(said.slice(1)).toEqual(["kernel", "page"]);
  });

  it("is not waited for where the browser does not say whether it has one", async () => {
    late = new Promise(() => {});
    workers.runNetworks();
    const { kernel, said } = await begun();
    await kernel(how);
    await vi.advanceTimersByTimeAsync(30_000);
    await kernel(how);
    expect(said).toEqual(["page: without WebGPU: it gave nothing for 30 seconds"]);
  });
});
