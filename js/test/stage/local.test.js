import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { images } from "../../src/frames/images.js";
import { createControl } from "../../src/interpolator/control.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @type {import("../../src/stage/messages.js").AskMessage} */
const ASK = { type: "ask", client: "", seq: 1, route: "a", at: [0], fast: false };
const turn = () => vi.advanceTimersByTimeAsync(0);

/**
 * A stage, and what decodes in its page, which answers when the test says so.
 * @param {{ prompt?: boolean, route?: string }} [more]
 */
function make({ prompt = true, route = "a" } = {}) {
  const state = { value: 0, _route: "a", frame_memory: 64, strip_length: 9, filmstrip: 0 };
  const model = makeModel(state);
  const { signal } = new AbortController();
  const stage = new Stage(model, signal, createControl(model), images, makeStore());
  /** @type {{ question: any, deliver: () => void, fail: () => void }[]} */
  const here = [];
  const local = {
    route,
    prompt,
    gone: "gone: it goes on",
    worth: (/** @type {any} */ strips) => strips,
    answer: (/** @type {any} */ question, /** @type {any} */ deliver) =>
      /** @type {Promise<void>} */ (
        new Promise((done, fail) => {
          const { type: of, client, seq, route, at } = question;
          const frames = [{ at, mime: "image/png", lossless: true, draft: 0 }];
          const about = { type: "frames", of, client, seq, route, frames };
          here.push({
            question,
            fail: () => fail(new Error("broken")),
            deliver() {
              deliver({ ...about, ms: 2, more: false, sent: 0 }, [
                new DataView(new ArrayBuffer(8)),
              ]);
              done();
            },
          });
        })
      ),
  };
  stage.mailbox.local = local;
  return { model, stage, here, local };
}

describe("where the page decodes by itself", () => {
  it("it is asked in the kernel's place, and frames say that it made them", async () => {
    const { model, stage, here } = make();
    stage.move([0.5]);
    expect(here).toHaveLength(1);
    here[0].deliver();
    await turn();
    expect(stage.frame()).toMatchObject({ at: [0.5], here: true, ms: 2 });
    expect(model.sent).toEqual([]);
  });

  it("a frame that the kernel made is called its own", async () => {
    const { model, stage } = make({ route: "another" });
    stage.move([0.5], { rest: true });
    answer(model, model.sent[0]);
    await turn();
    expect(stage.frame()).toMatchObject({ at: [0.5], here: false });
  });

  it("it is asked nothing about a route that has taken the place of its own", async () => {
    const { model, stage, here, local } = make();
    stage.move([0.5]);
    model.set("_route", "b");
    expect(stage.mailbox.local).toBeUndefined();
    expect(model.sent.map(({ route, type }) => [route, type])).toEqual([["b", "ask"]]);
    here[0].fail();
    await turn();
    expect(model.sent, "an old question was asked again").toHaveLength(1);
    stage.move([0.6]);
    await vi.advanceTimersByTimeAsync(10);
    stage.move([0.7]);
    expect(here).toHaveLength(1);
    model.set("_route", "a");
    expect(stage.mailbox.local).toBe(local);
  });

  it("what fails there is asked of the kernel", async () => {
    const { model, stage, here } = make();
    stage.move([0.5], { rest: true });
    here[0].fail();
    await turn();
    expect(model.sent).toEqual([here[0].question]);
    answer(model, model.sent[0]);
    await turn();
    expect(stage.frame()).toMatchObject({ at: [0.5], here: false });
    expect(stage.busy).toBe(false);
  });

  it.each([
    [true, 2],
    [false, 0],
  ])(
    "playing asks for every picture where they come soon (%s), and for %i of two",
    async (prompt, count) => {
      const { stage, here } = make({ prompt });
      for (const t of [0.25, 0.3]) {
        stage.play([t]);
        await vi.advanceTimersByTimeAsync(16);
        here.at(-1)?.deliver();
        await turn();
      }
      expect(here.map(({ question }) => question.at[0])).toEqual([0.25, 0.3].slice(0, count));
      expect(stage.frame()?.at).toEqual(count ? [0.3] : undefined);
    },
  );

  it("what was asked of the kernel before is waited for no longer", async () => {
    const { model, stage, here, local } = make();
    stage.mailbox.local = undefined;
    stage.move([0.5], { rest: true });
    expect(model.sent).toHaveLength(1);
    stage.mailbox.local = local;
    stage.enter();
    expect(here).toHaveLength(1);
    here[0].deliver();
    await turn();
    expect(stage.busy).toBe(false);
  });

  it("a kernel that is gone is told quietly, and aloud where nothing goes on", async () => {
    const { model, stage, here } = make();
    model.send = () => {
      throw new Error("Cannot send");
    };
    await stage.mailbox.inquire("typicality", stage, { positions: [] });
    expect(stage.error).toBe("");
    expect(stage.mailbox.gone).toBe("gone: it goes on");
    stage.move([0.5], { rest: true });
    here[0].deliver();
    await turn();
    expect(stage.error).toBe("");
    stage.mailbox.local = undefined;
    await stage.mailbox.inquire("typicality", stage, { positions: [] });
    expect(stage.error).toContain("could not be reached");
    expect(stage.mailbox.gone).toBe("");
    stage.mailbox.local = /** @type {any} */ ({ route: "a", gone: "gone" });
    model.send = () => undefined;
    stage.mailbox.inquire("typicality", stage, { positions: [] });
    expect(stage.mailbox.gone).toBe("");
  });

  it("a kernel that restarts leaves nobody waiting, and is told quietly until it answers", async () => {
    const { model, stage } = make();
    const asked = stage.mailbox.inquire("typicality", stage, { positions: [] });
    model.comm_live = true;
    model.emit("comm_live_update");
    expect(stage.mailbox.gone, "it has come").toBe("");
    model.comm_live = false;
    model.emit("comm_live_update");
    expect(await asked).toBeUndefined();
    expect([stage.mailbox.gone, stage.error]).toEqual(["gone: it goes on", ""]);
    answer(model, { ...ASK, client: "another page" });
    expect(stage.mailbox.gone).toBe("");
    stage.mailbox.local = undefined;
    model.emit("comm_live_update");
    expect([stage.mailbox.gone, stage.error], "nothing was asked yet").toEqual(["", ""]);
  });

  it("a question that nobody waits for any more is left", async () => {
    const { stage } = make();
    const end = new AbortController();
    const asked = stage.mailbox.inquire("decoder", stage, { part: "check", signal: end.signal });
    end.abort();
    expect(await asked).toBeUndefined();
  });

  it("views are known until they are gone, seen or not", () => {
    const { stage } = make();
    const changed = vi.fn();
    stage.listen(changed, new AbortController().signal);
    const [one, two] = [{}, {}];
    expect(stage.inSight).toBeUndefined();
    stage.see(one, true);
    stage.see(two, false);
    expect(stage.inSight).toBe(true);
    stage.see(one, false);
    expect(stage.inSight).toBe(false);
    stage.see(one);
    expect(stage.inSight).toBe(false);
    changed.mockClear();
    stage.see(two);
    expect(stage.inSight).toBeUndefined();
    expect(changed).toHaveBeenCalled();
  });
});
