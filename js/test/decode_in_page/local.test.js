import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLocal } from "../../src/decode_in_page/local.js";
import { NOT_FINITE } from "../../src/decode_in_page/pictures.js";

/**
 * What decodes in the page, of which pictures come when the test says so.
 * @param {number} [ms] how long each takes
 * @param {number} [kernel] how long the kernel takes for one of many
 */
function make(ms = 1, kernel = 1000) {
  /** @type {{ at: number[], finish: (ms?: number) => void, fail: (why?: string) => void }[]} */
  const begun = [];
  const decode = (/** @type {number[]} */ at) =>
    /** @type {Promise<import("../../src/decode_in_page/worker.js").Done>} */ (
      new Promise((resolve, reject) => {
        const pixels = new Uint8ClampedArray(4);
        const finish = (took = ms) => resolve({ id: 1, pixels, width: 1, ms: took });
        begun.push({ at, finish, fail: (why = "no picture") => reject(new Error(why)) });
      })
    );
  const end = new AbortController();
  const giveUp = vi.fn();
  const covers = (/** @type {number[]} */ [x]) => x > -2;
  const said = () => undefined;
  const sleep = { asleep: false };
  const wake = vi.fn();
  const asleep = () => sleep.asleep;
  const terms = {
    ...{ pace: ms, most: 40, kernel, signal: end.signal },
    ...{ giveUp, covers, said, asleep, wake },
  };
  const local = createLocal("a route", decode, terms);
  const delivered = vi.fn();
  let seq = 0;
  /** @param {Record<string, unknown>} more */
  function ask(more) {
    seq += 1;
    const question = /** @type {any} */ ({ client: "page", seq, route: "a route", ...more });
    const answered = local.answer(question, delivered);
    answered?.catch(() => {});
    return answered;
  }
  /** What was delivered: the number of the question, where the frames are, and whether more follow. */
  const found = () =>
    delivered.mock.calls.map(([{ seq, frames, more }]) => [
      seq,
      frames.map((/** @type {any} */ { at }) => at[0]),
      more,
    ]);
  return {
    begun,
    local,
    ask,
    delivered,
    found,
    end,
    giveUp,
    sleep,
    wake,
    /** The kernel answers what it was asked last, or some of it. */
    hear: (/** @type {object} */ more = {}) =>
      local.heard({ of: "strip", client: "page", seq, frames: [1], ...more }),
    asked: () => begun.map(({ at }) => at[0]),
  };
}

const STRIP = {
  levels: new Map([
    [0, 0],
    [0.5, 1],
  ]),
  thumb: 0,
  at: (/** @type {number} */ t) => [t],
};

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe("what is decoded in the page", () => {
  it("leaves to the kernel what is of another route, and what stops a decode", () => {
    const { ask } = make();
    expect(ask({ type: "ask", at: [0], route: "another" })).toBeNull();
    expect(ask({ type: "stop" })).toBeNull();
  });

  it("leaves to the kernel the places whose latents it has not", () => {
    const { ask, begun } = make();
    expect(ask({ type: "ask", at: [-2] })).toBeNull();
    expect(ask({ type: "strip", positions: [[0], [-2]] })).toBeNull();
    expect(begun).toEqual([]);
    expect(ask({ type: "ask", at: [-1] })).not.toBeNull();
  });

  it("has what somebody waits for made before what is ahead", async () => {
    const { begun, ask, asked, delivered } = make();
    const strip = ask({ type: "strip", positions: [[0], [1]] });
    await turn();
    expect(asked()).toEqual([0]);
    ask({ type: "ask", at: [0.3] });
    await turn();
    expect(asked()).toEqual([0, 0.3]);
    begun[0].finish();
    await turn();
    expect(begun, "the strip goes on too soon").toHaveLength(2);
    ask({ type: "ask", at: [0.4] });
    begun[1].finish();
    await turn();
    expect(asked()).toEqual([0, 0.3, 0.4]);
    begun[2].fail();
    await turn();
    expect(asked()).toEqual([0, 0.3, 0.4, 1]);
    begun[3].finish();
    await strip;
    const [answer, buffers] = delivered.mock.calls.at(-1) ?? [];
    expect(answer).toMatchObject({ type: "frames", of: "strip", seq: 1, ms: 1, more: false });
    expect(answer.frames.map((/** @type {any} */ { at }) => at[0])).toEqual([0, 1]);
    expect(buffers).toHaveLength(2);
  });

  it("shows a long strip in pieces", async () => {
    const { begun, ask, found } = make();
    ask({ type: "strip", positions: [[0], [1], [2], [3]] });
    const now = vi.spyOn(performance, "now");
    const start = performance.now();
    for (const [i, ms] of [100, 200, 300, 350].entries()) {
      await turn();
      now.mockReturnValue(start + ms);
      begun[i].finish();
    }
    await turn();
    now.mockRestore();
    expect(found()).toEqual([
      [1, [0, 1], true],
      [1, [2, 3], false],
    ]);
  });

  it("makes no more of a strip that another has replaced, and all of another client's", async () => {
    const { begun, ask, asked, found } = make();
    ask({ type: "strip", positions: [[0], [1], [2]] });
    ask({ type: "strip", positions: [[5]], client: "page-preview" });
    await turn();
    ask({ type: "strip", positions: [[8], [9]] });
    await turn();
    for (let i = 0; i < 4; i++) {
      begun[i].finish();
      await turn();
    }
    expect(asked()).toEqual([0, 5, 8, 9]);
    expect(found()).toEqual([
      [2, [5], false],
      [3, [8, 9], false],
    ]);
  });

  it("fails once it is ended, so that the kernel is asked, whatever the decoder does", async () => {
    const { begun, ask, end, giveUp, delivered } = make();
    const both = [ask({ type: "ask", at: [0] }), ask({ type: "strip", positions: [[0], [1]] })];
    await turn();
    end.abort(new Error("left"));
    for (const answered of both) await expect(answered).rejects.toThrow("left");
    begun[0].finish();
    await turn();
    expect(delivered).not.toHaveBeenCalled();
    expect(begun).toHaveLength(1);
    expect(giveUp).not.toHaveBeenCalled();
  });

  it("gives up after three failures in a row, but not where an output is not finite", async () => {
    const { begun, ask, giveUp } = make();
    const whys = ["a", NOT_FINITE, "b", "", "c", NOT_FINITE, NOT_FINITE, NOT_FINITE, "d"];
    for (const [i, why] of whys.entries()) {
      const answered = ask({ type: "ask", at: [i] });
      if (why) begun[i].fail(why);
      else begun[i].finish();
      await answered?.catch(() => {});
    }
    expect(giveUp).not.toHaveBeenCalled();
    const answered = ask({ type: "ask", at: [9] });
    begun[9].fail("e");
    await expect(answered).rejects.toThrow("e");
    expect(giveUp.mock.calls).toEqual([[new Error("e")]]);
  });

  it("gives up where pictures have come to take too long, but not where some do", async () => {
    const { begun, ask, giveUp } = make();
    const times = [...Array(9).fill(300), 79, ...Array(9).fill(300)];
    for (const [i, ms] of times.entries()) {
      const answered = ask({ type: "ask", at: [i] });
      begun[i].finish(ms);
      await answered;
    }
    expect(giveUp).not.toHaveBeenCalled();
    const answered = ask({ type: "ask", at: [99] });
    begun[times.length].finish(300);
    await answered;
    expect(giveUp).toHaveBeenCalledOnce();
    expect(giveUp.mock.calls[0][0].message).toBe(
      "a picture takes 300 ms here; the kernel's is on the page in 40 ms.",
    );
  });

  it.each([
    [2, true, 1],
    [30, true, 2],
    [120, false, 2],
  ])(
    "of %i ms a picture: worth one at any move, %s; %i of a strip's two frames ahead",
    async (ms, prompt, count) => {
      const { begun, local, ask } = make(ms);
      const answered = ask({ type: "ask", at: [0] });
      begun[0].finish();
      await answered;
      const [{ levels }] = [...local.worth([STRIP])];
      expect([local.prompt, levels.size]).toEqual([prompt, count]);
    },
  );
});

describe("what the kernel makes much faster in a batch", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const MANY = Array.from({ length: 24 }, (_, i) => [i]);

  it.each([
    [40, 0.5, 24, true],
    [30, 0.5, 2, false], // the way to the kernel takes longer than that
    [40, 30, 24, false],
    [2, 0.5, 24, false],
  ])("%f ms here, %f there, of %i frames: left to it is %s", async (ms, kernel, count, is) => {
    const { ask, asked, end } = make(ms, kernel);
    const answered = ask({ type: "strip", positions: MANY.slice(0, count) });
    await vi.advanceTimersByTimeAsync(0);
    expect([answered === null, asked().length]).toEqual([is, is ? 0 : 1]);
    expect(ask({ type: "ask", at: [0.5] }), "what is waited for is made here").not.toBeNull();
    end.abort();
  });

  it("is made here once the kernel has let one wait, until that answers again", async () => {
    const { ask, asked, begun, hear } = make(40, 0.5);
    const strip = (positions = MANY) => ask({ type: "strip", positions });
    expect(strip()).toBeNull();
    await vi.advanceTimersByTimeAsync(900);
    hear({ frames: MANY });
    await vi.advanceTimersByTimeAsync(900);
    expect(asked(), "it has answered").toEqual([]);
    expect(strip()).toBeNull();
    await vi.advanceTimersByTimeAsync(900);
    expect(strip(), "a newer one has all the time again").toBeNull();
    await vi.advanceTimersByTimeAsync(900);
    expect(asked()).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(asked()).toEqual([0]);
    expect(strip([[7]])).not.toBeNull();
    expect(strip()).not.toBeNull();
    begun[0].finish();
    hear({ client: "another page" });
    expect(strip()).toBeNull();
  });

  it("is finished here where the kernel dies after its first frames", async () => {
    const { ask, asked, hear } = make(40, 0.5);
    expect(ask({ type: "strip", positions: MANY })).toBeNull();
    await vi.advanceTimersByTimeAsync(900);
    hear({ more: true });
    await vi.advanceTimersByTimeAsync(900);
    expect(asked()).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(asked()).toEqual([0]);
  });

  it("is made here no more once the kernel goes on with it", async () => {
    const { ask, asked, begun, hear, found } = make(40, 0.5);
    expect(ask({ type: "strip", positions: MANY })).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked()).toEqual([0]);
    hear({ more: true });
    begun[0].finish();
    await vi.advanceTimersByTimeAsync(900);
    expect([asked(), found()]).toEqual([[0], []]);
  });

  it("is replaced there by the next one, however short, while it is decoded", async () => {
    const { ask, asked, hear } = make(40, 0.5);
    expect(ask({ type: "strip", positions: MANY })).toBeNull();
    expect(ask({ type: "strip", positions: [[7]] })).toBeNull();
    expect(ask({ type: "strip", positions: [[7]], client: "another" })).not.toBeNull();
    hear({ client: "page", seq: 2 });
    expect(ask({ type: "strip", positions: [[7]] })).not.toBeNull();
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked()).toContain(7);
  });

  it("is made here once the link has shown to be slow", async () => {
    const { ask, hear } = make(40, 0.5);
    let left = 0;
    while (left < 20 && ask({ type: "strip", positions: MANY }) === null) {
      left += 1;
      await vi.advanceTimersByTimeAsync(900);
      hear({ frames: MANY.slice(0, 12), more: true }); // 72 ms each
      await vi.advanceTimersByTimeAsync(900);
      hear({ frames: MANY.slice(12) });
    }
    expect(left).toBeLessThan(4);
  });

  it("is not made here once that has ended", async () => {
    const { ask, asked, end } = make(40, 0.5);
    expect(ask({ type: "strip", positions: MANY })).toBeNull();
    end.abort(new Error("left"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked()).toEqual([]);
  });
});

describe("while what decodes here sleeps", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("the kernel decodes, and it wakes meanwhile", async () => {
    const { ask, asked, sleep, wake, hear } = make();
    sleep.asleep = true;
    expect(ask({ type: "ask", at: [0] })).toBeNull();
    expect(wake).toHaveBeenCalled();
    hear({ of: "ask" });
    expect(ask({ type: "strip", positions: [[1]] })).toBeNull();
    hear();
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked(), "the kernel has answered").toEqual([]);
    sleep.asleep = false;
    expect(ask({ type: "ask", at: [2] })).not.toBeNull();
    expect(asked()).toEqual([2]);
  });

  it("a kernel that is gone is not waited for longer than a second", async () => {
    const { ask, begun, asked, sleep, found } = make();
    sleep.asleep = true;
    expect(ask({ type: "ask", at: [0] })).toBeNull();
    expect(ask({ type: "ask", at: [1] })).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked(), "of the last alone").toEqual([1]);
    begun[0].finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(found()).toEqual([[2, [1], false]]);
    expect(ask({ type: "ask", at: [2] })).not.toBeNull();
  });
});
