// @ts-expect-error the types of node are not installed
import { setFlagsFromString } from "node:v8";
// @ts-expect-error as above
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { answer } from "../model.js";
import { checked, deflatedOf, level, make, views, WEIGHTS, workers } from "./paged.js";

describe("taking over", () => {
  it("keeps nothing of what the kernel has answered: neither pictures nor the bytes of the plan", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc");
    /** @type {Record<string, WeakRef<any>[]>} */
    const held = { offer: [], check: [] };
    const { model, kernel, rest, go, shown } = make();
    model.on("msg:custom", (/** @type {any} */ content, /** @type {DataView[]} */ buffers) => {
      const places = content.positions?.length;
      if (places === undefined) return;
      held[places ? "check" : "offer"].push(
        ...[content, ...buffers].map((one) => new WeakRef(one)),
      );
    });
    await go(0.5);
    await kernel();
    await rest();
    await kernel();
    expect(model.get("runs_in")).toBe("page");
    model.sent.splice(0);
    await go(0.6);
    expect(shown()).toBe(level(0.6));
    collect();
    await vi.advanceTimersByTimeAsync(0);
    collect();
    const alive = (/** @type {WeakRef<any>[]} */ refs) =>
      refs.map((one) => one.deref() !== undefined);
    expect(alive(held.offer)).toEqual([false, false, false, false, false]);
    expect(alive(held.check)).toEqual([false, false, false, false, false]);
  });

  it("begins once a control was moved, and then the page makes the pictures", async () => {
    const { model, stage, kernel, rest, asked, shown, go } = make();
    await kernel();
    await rest();
    expect(asked(), "nobody has used it").toEqual([]);
    await go(0.5);
    await kernel();
    await rest();
    expect(asked()).toMatchObject([{ part: "offer", at: [0.5] }]);
    await kernel();
    expect(model.get("runs_in")).toBe("page");
    expect(stage.mailbox.where).toContain("from now on, in the page");
    expect(stage.frame()).toMatchObject({ at: [0.5], here: false });
    model.sent.splice(0);
    await go(0.73);
    expect(shown()).toBe(level(0.73));
    expect(stage.frame()).toMatchObject({ at: [0.73], here: true });
    expect(model.sent.filter(({ type }) => type !== "decoder")).toEqual([]);
    await rest();
    expect(asked(), "it was asked for again").toEqual([]);
  });

  it("does not wait for what was asked of the kernel before", async () => {
    const { model, stage, kernel, rest, asked, shown, go } = make();
    await go(0.5);
    await kernel();
    await rest();
    const [question] = asked();
    model.sent.splice(0);
    await go(0.6); // which the kernel is too busy to answer
    const weights = views(WEIGHTS.map(({ buffer }) => buffer));
    /** @param {any} content @param {DataView[]} buffers */
    const tell = (content, buffers) => {
      model.sent.splice(0);
      model.emit("msg:custom", content, buffers);
      return vi.advanceTimersByTimeAsync(0);
    };
    const offer = checked(question);
    await tell(offer.content, offer.buffers);
    await tell({ ...asked()[0], of: "decoder" }, weights);
    const check = checked(asked()[0]);
    await tell(check.content, check.buffers);
    expect(model.get("runs_in")).toBe("page");
    expect(shown()).toBe(level(0.6));
    expect(stage.busy).toBe(false);
  });

  it.each([
    ["what the page decodes is 2 of 255 levels off", { off: 2 }, 1],
    ["a picture takes 90 ms here; the kernel's is on the page in 38 ms", {}, 90],
    [
      "a picture takes 150 ms here; the page takes over only where it takes 100 ms at most",
      { more: { ms: 3000 } },
      150,
    ],
    ["it is random", { more: { reason: "it is random" } }, 1],
  ])("is refused where %s", async (why, how, ms) => {
    const { model, stage, kernel, rest, asked, go } = make();
    await go(0.5);
    await kernel();
    await rest();
    const answering = kernel(how);
    workers.pace(ms);
    await answering;
    expect(model.get("runs_in")).toContain(`kernel: ${why}`);
    expect(stage.mailbox.where).toContain(`, by the kernel: ${why}`);
    expect(stage.error).toBe("");
    expect(workers.made.every(({ ended }) => ended)).toBe(true);
    await go(0.6);
    expect(model.sent.at(-1)).toMatchObject({ type: "ask", at: [0.6] });
    await kernel();
    await rest();
    expect(asked(), "it was asked for again").toEqual([]);
  });

  it("is asked for once cells are chosen, though nothing has moved", async () => {
    const { model, kernel, rest, asked } = make();
    await kernel();
    await rest();
    expect(asked(), "nobody uses it").toEqual([]);
    model.set("selection", [3]);
    model.emit("change:selection");
    await rest();
    expect(asked()).toHaveLength(1);
  });

  it("that was demanded and cannot be is an error", async () => {
    const { stage, kernel, rest } = make({ run: "page" });
    await kernel();
    await rest();
    await kernel({ off: 3 });
    expect(stage.error).toContain("This cannot run in the page: what the page decodes is 3 of 255");
  });

  it("says why where the page has no workers", async () => {
    workers.forbid("no workers here");
    const { model, kernel, rest, go, asked } = make();
    await go(0.5);
    await kernel();
    await rest();
    expect(asked(), "nothing is exported").toEqual([]);
    expect(model.get("runs_in")).toBe("kernel: no workers here");
  });

  it.each(["WebAssembly", "DecompressionStream"])(
    "asks the kernel for nothing where the page has no %s, and tries that once",
    async (what) => {
      vi.stubGlobal(what, undefined);
      for (let i = 0; i < 2; i++) {
        const { model, kernel, rest, go, asked } = make();
        await go(0.5);
        await kernel();
        await rest();
        expect(asked()).toEqual([]);
        expect(model.get("runs_in")).toBe(`kernel: the page has no ${what}.`);
      }
      expect(workers.probes()).toBe(1);
      expect(workers.made).toEqual([]);
    },
  );

  it("a page that is opened leaves what another one says, until it knows better", async () => {
    const { model, kernel, rest, go } = make({ runs_in: "page" });
    await go(0.5);
    await kernel();
    await rest();
    expect(model.get("runs_in")).toBe("page");
    await kernel({ more: { reason: "it is random" } });
    expect(model.get("runs_in")).toBe("kernel: it is random");
  });

  it("has frames compared that came deflated", async () => {
    const { model, stage, kernel, rest, go, asked } = make();
    await go(0.5);
    await kernel();
    await rest();
    for (let i = 0; i < 2; i++) await kernel({ once: true });
    const { content, buffers } = checked(asked()[0], { more: { packed: true } });
    const deflated = await Promise.all(buffers.map(deflatedOf));
    model.emit("msg:custom", content, deflated);
    await vi.waitFor(() => expect(model.get("runs_in")).toBe("page"));
    expect(stage.mailbox.here).toContain(", in the page, ");
  });
});

describe("what changes while it is checked", () => {
  /** A widget whose check is on its way. */
  async function checking() {
    const made = make();
    await made.kernel();
    await made.go(0.5);
    await made.kernel();
    await made.rest();
    const [question] = made.asked();
    made.model.sent.splice(0);
    return { ...made, question };
  }

  it("a route: what is found out about the old one means nothing", async () => {
    const { model, kernel, rest, asked, question } = await checking();
    model.set("_route", "b");
    const { content } = checked(question, { more: { reason: "a route that cannot go" } });
    model.emit("msg:custom", content, []);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.get("runs_in")).toBe("kernel");
    await kernel();
    await rest();
    expect(asked()).toMatchObject([{ part: "offer", route: "b" }]);
    await kernel();
    expect(model.get("runs_in")).toBe("page");
  });

  it("run is set to kernel: nothing is loaded, and nothing was wrong", async () => {
    const { model, stage, asked, kernel, rest, question } = await checking();
    model.set("run", "kernel");
    const { content, buffers } = checked(question);
    model.emit("msg:custom", content, buffers);
    await kernel();
    await rest();
    expect(asked()).toEqual([]);
    expect(workers.made).toEqual([]);
    expect([model.get("runs_in"), stage.mailbox.where, stage.error]).toEqual(["kernel", "", ""]);
    model.set("run", "auto");
    await rest();
    await kernel();
    expect(model.get("runs_in")).toBe("page");
  });

  it("run is set to kernel and back while the decoder is made: only the second is heard of", async () => {
    const { model, kernel, rest, question } = await checking();
    workers.idle();
    const { content, buffers } = checked(question);
    model.emit("msg:custom", content, buffers);
    await kernel();
    expect(workers.made).toHaveLength(1);
    for (const run of ["kernel", "auto"]) model.set("run", run);
    await vi.advanceTimersByTimeAsync(0);
    expect([workers.made[0].ended, model.get("runs_in")]).toEqual([true, "kernel"]);
    workers.work();
    await rest();
    await kernel();
    expect(model.get("runs_in")).toBe("page");
  });
});

describe("once the page decodes", () => {
  it("another route is the kernel's until it was checked too, by the same decoder", async () => {
    const { model, stage, kernel, rest, taken, shown, go } = make();
    await taken();
    model.set("_route", "b");
    expect([model.get("runs_in"), stage.mailbox.where]).toEqual(["kernel", ""]);
    expect(model.sent[0]).toMatchObject({ type: "ask", route: "b" });
    await kernel();
    expect(stage.frame()).toMatchObject({ route: "b", here: false });
    await rest();
    await kernel();
    expect(model.get("runs_in")).toBe("page");
    expect(workers.made).toHaveLength(1);
    await go(0.9);
    expect(shown()).toBe(level(0.9));
  });

  it.each(["_exports", "page_memory", "page_gpu"])(
    "%s is changed: it is checked anew",
    async (what) => {
      const { model, kernel, rest, taken } = make();
      await taken();
      model.set(what, 7);
      expect(model.get("runs_in")).toBe("kernel");
      await rest();
      await kernel({ name: "another decoder" });
      expect(model.get("runs_in")).toBe("page");
      expect(workers.made.map(({ ended }) => ended)).toEqual([true, false]);
    },
  );

  it("a decoder that stands still is left, and the kernel answers", async () => {
    const { model, stage, taken, go } = make();
    await taken();
    workers.idle();
    await go(0.6);
    await vi.advanceTimersByTimeAsync(5000);
    expect(model.get("runs_in")).toBe("kernel: it gave nothing for 5 seconds");
    const asks = model.sent.filter(({ type }) => type === "ask");
    expect(asks).toMatchObject([{ at: [0.6], route: "a" }]);
    answer(model, asks[0]);
    await vi.advanceTimersByTimeAsync(0);
    expect(stage.frame()).toMatchObject({ at: [0.6], here: false });
    expect(stage.busy).toBe(false);
  });

  it("a decoder that has come to take long is left", async () => {
    const { model, taken, go } = make();
    await taken();
    workers.pace(400);
    for (let i = 0; i < 12; i++) await go(0.5 + i / 100);
    expect(model.get("runs_in")).toContain("kernel: a picture takes 400 ms here");
    expect(workers.made[0].ended).toBe(true);
  });

  it("run is set to kernel: the kernel decodes, and the decoder is let go of", async () => {
    const { model, taken, go } = make();
    await taken();
    model.set("run", "page");
    expect(model.get("runs_in"), "it does already").toBe("page");
    model.set("run", "kernel");
    await go(0.6);
    expect(model.get("runs_in")).toBe("kernel");
    expect(model.sent.at(-1)).toMatchObject({ type: "ask", at: [0.6] });
    expect(workers.made[0].ended).toBe(true);
  });

  it("a widget without a view lets go of the decoder, and takes one again with the next", async () => {
    const { model, stage, view, kernel, rest, taken } = make();
    await taken();
    stage.see(view, false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(workers.made[0].ended, "out of sight is not gone").toBe(false);
    stage.see(view);
    await vi.advanceTimersByTimeAsync(1000);
    stage.see(view, true); // as where a cell runs again
    await vi.advanceTimersByTimeAsync(60_000);
    expect(workers.made[0].ended).toBe(false);
    stage.see(view);
    const { length } = model.saved;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(workers.made[0].ended).toBe(true);
    expect(model.saved, "the kernel may be gone").toHaveLength(length);
    stage.see({}, true);
    expect(model.get("runs_in")).toBe("kernel");
    await rest();
    await kernel();
    expect(model.get("runs_in")).toBe("page");
    expect(workers.made).toHaveLength(2);
  });
});

describe("two widgets of one space", () => {
  it("share a decoder, and where the first is closed while it comes, the second fetches it", async () => {
    const name = "shared";
    const [first, second] = [make(), make()];
    for (const { go, kernel, rest } of [first, second]) {
      await go(0.5);
      await kernel();
      await rest();
    }
    for (const { model, asked } of [first, second]) {
      const { content, buffers } = checked(asked()[0], { name });
      model.sent.splice(0);
      model.emit("msg:custom", content, buffers);
      await vi.advanceTimersByTimeAsync(0);
    }
    const parts = () => [first, second].map(({ asked }) => asked().map(({ part }) => part));
    expect(parts()).toEqual([["network"], []]);
    first.life.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(parts()).toEqual([["network"], ["network"]]);
    await second.kernel({ name });
    expect(second.model.get("runs_in")).toBe("page");
    const third = make();
    await third.go(0.5);
    await third.kernel();
    await third.rest();
    await third.kernel({ name });
    expect(third.model.get("runs_in")).toBe("page");
    expect(workers.made).toHaveLength(1);
    second.life.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(workers.made[0].ended).toBe(false);
  });
});
