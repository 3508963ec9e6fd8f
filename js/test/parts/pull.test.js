import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createControl } from "../../src/direction_editor/control.js";
import createPull from "../../src/parts/pull.js";
import { Stage } from "../../src/stage/stage.js";
import { makeKind, makeModel, makeStore } from "../model.js";

/** @type {AbortController} */
let view;
beforeEach(() => {
  vi.useFakeTimers();
  view = new AbortController();
});
afterEach(() => {
  view.abort();
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** An editor, of two sliders if not said, with a picture of 100 by 100 pixels of the page. */
function make(starts = [[0, 0]], names = ["a", "b"]) {
  const model = makeModel({
    value: Object.fromEntries(names.map((name) => [name, 0])),
    _rows: names.map((name) => ({ name })),
    _starts: starts,
    _route: "r",
    frame_memory: 64,
    strip_length: 9,
  });
  const stage = new Stage(model, view.signal, createControl(model), makeKind(), makeStore());
  const frames = document.createElement("div");
  const picture = document.createElement("canvas");
  frames.append(picture);
  document.body.append(frames);
  picture.setPointerCapture = () => {};
  picture.getBoundingClientRect = () => new DOMRect(0, 0, 100, 100);
  const pull = createPull(stage, frames, picture, view.signal);
  document.body.append(pull.button, pull.said);
  pull.follow();
  const asked = () => model.sent.filter(({ type }) => type === "pull");
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const point = (/** @type {string} */ type, x = 0, y = 0) =>
    picture.dispatchEvent(
      Object.assign(new Event(type), { clientX: x, clientY: y, button: 0, pointerId: 1 }),
    );
  /** The kernel answers the last question. @param {Record<string, unknown>} more */
  async function answer(more) {
    const { client, seq, route, at, here } = asked().at(-1);
    const step = { at, here, share: 0, done: true, words: "" };
    model.emit(
      "msg:custom",
      { ...step, type: "pull", of: "pull", client, seq, route, ...more },
      [],
    );
    await pass();
  }
  async function begin() {
    pull.button.click();
    await answer({});
    point("pointerdown", 20, 50);
    point("pointermove", 60, 50);
    await pass();
  }
  return { ...pull, model, stage, frames, picture, asked, pass, point, answer, begin };
}

describe("createPull", () => {
  it("does nothing until it is turned on", async () => {
    const { point, asked, pass, button, said } = make();
    point("pointerdown", 20, 50);
    point("pointermove", 60, 50);
    await pass();
    expect(asked()).toEqual([]);
    expect([button.ariaPressed, said.hidden]).toEqual(["false", true]);
  });

  it("is made ready when it is turned on, and turned off where it cannot be pulled", async () => {
    const { button, asked, said, answer, stage, pass } = make();
    button.click();
    expect(asked()[0]).toMatchObject({ grabbed: [0.5, 0.5], to: [0.5, 0.5], at: [0, 0] });
    expect(said.textContent).toBe("Getting ready…");
    await answer({});
    expect(said.textContent).toMatch("Press on the picture");
    button.click();
    button.click();
    await answer({ type: "error", message: "too slow" });
    await pass();
    expect([button.ariaPressed, stage.error]).toEqual([
      "false",
      "It could not be pulled: too slow",
    ]);
  });

  it("moves the sliders step by step, each asked for from where the last one led", async () => {
    const { begin, asked, answer, stage, said } = make();
    await begin();
    expect(asked()).toHaveLength(2);
    const first = { start: [0, 0], at: [0, 0], grabbed: [0.2, 0.5], to: [0.6, 0.5] };
    expect(asked()[1]).toMatchObject({ ...first, here: [0.2, 0.5] });
    await answer({ at: [0.5, 0.1], here: [0.3, 0.5], share: 0.25, done: false });
    expect(stage.at).toEqual([0.5, 0.1]);
    expect(said.textContent).toBe("Moved 25 % of the pull.");
    expect(asked()[2]).toMatchObject({ ...first, at: [0.5, 0.1], here: [0.3, 0.5] });
    await answer({ at: [1, 0.2], here: [0.4, 0.5], share: 0.5, words: "the data ends here" });
    expect(said.textContent).toBe("Moved 50 % of the pull: the data ends here.");
    expect(asked()).toHaveLength(3);
  });

  it("has one question on its way, and asks next about where the pointer is then", async () => {
    const { begin, asked, answer, point } = make();
    await begin();
    for (const x of [70, 80, 90]) point("pointermove", x, 40);
    expect(asked()).toHaveLength(2);
    await answer({ at: [0.5, 0], share: 0.2, done: true });
    expect(asked()).toHaveLength(3);
    expect(asked()[2].to).toEqual([0.9, 0.4]);
  });

  it("is taken back by Escape, while it goes on and after", async () => {
    const { begin, answer, stage, picture, asked } = make();
    await begin();
    await answer({ at: [0.5, 0.1], share: 0.25, done: false });
    const cancel = () => picture.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    cancel();
    expect(stage.at).toEqual([0, 0]);
    const count = asked().length;
    await answer({ at: [1, 1], share: 0.5, done: false });
    expect(stage.at).toEqual([0, 0]);
    expect(asked()).toHaveLength(count);
  });

  it("ends where somebody moves a slider meanwhile", async () => {
    const { begin, answer, stage, asked } = make();
    await begin();
    stage.move([2, 2], { rest: true });
    await answer({ at: [0.5, 0.1], share: 0.25, done: false });
    expect(stage.at).toEqual([2, 2]);
    expect(asked()).toHaveLength(2);
  });

  it("shows what is held, and where it is wanted", async () => {
    const { begin, frames, point, answer } = make();
    await begin();
    expect(frames.querySelector(".lw-pulled line")).not.toBe(null);
    await answer({ share: 1 });
    point("lostpointercapture");
    expect(frames.querySelector(".lw-pulled")).toBe(null);
  });

  it("is refused where a picture for each slider takes too long; of many, 64 are looked at", () => {
    const { stage, button, follow } = make(
      [Array(300).fill(0)],
      Array.from({ length: 300 }, (_, i) => `axis ${i}`),
    );
    const pace = vi.spyOn(stage, "pace", "get");
    for (const [ms, slow] of /** @type {[number, boolean][]} */ ([
      [31, false], // 64 times this are less than 2 s, and 300 times more
      [32, true],
    ])) {
      pace.mockReturnValue({ frameMs: ms, wholeMs: 0, drafting: false });
      follow();
      expect([ms, button.disabled, /too slow/.test(button.title)]).toEqual([ms, slow, slow]);
    }
  });

  it("is not there for several latents at once", () => {
    const { button } = make([
      [0, 0],
      [1, 1],
    ]);
    expect(button.disabled).toBe(true);
    expect(button.title).toMatch("one alone");
  });
});
