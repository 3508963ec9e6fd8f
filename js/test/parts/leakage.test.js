import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { images } from "../../src/frames/images.js";
import createLeakage from "../../src/parts/leakage.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NAMES = ["x", "y", "scale", "shape", "turn", "a", "b", "c"];

/** An editor of eight directions, of which the first is moved by `move`. */
function makeView() {
  const model = makeModel({
    _rows: NAMES.map((name) => ({ name })),
    _origin: NAMES.map(() => 0),
    _conditions: [],
    _route: "a",
    hold: [],
    value: 0,
    frame_memory: 64,
    strip_length: 2,
  });
  const { signal } = new AbortController();
  const zeros = NAMES.map(() => 0);
  let at = zeros;
  const write = (/** @type {number[]} */ told) => {
    at = told;
  };
  const control = { read: () => at, write, strips: () => [] };
  const stage = new Stage(model, signal, control, images, makeStore());
  stage.see({}, true);
  const onHold = vi.fn();
  const view = createLeakage(stage, signal)(onHold, signal);
  document.body.replaceChildren(view.root);
  const asked = () => model.sent.filter(({ type }) => type === "leakage");
  const idle = () => vi.advanceTimersByTimeAsync(300);
  /** @param {number} amount */
  async function move(amount) {
    await answerAll({}); // the first frame, which is asked for as the view comes into sight
    stage.move([amount, ...zeros.slice(1)], { rest: true });
    await answerAll({});
  }
  /** The kernel answers all that was asked. @param {object} more */
  async function answerAll(more) {
    for (const question of model.sent.splice(0)) {
      const { type: of, client, seq, route } = question;
      if (of === "leakage") model.emit("msg:custom", { of, client, seq, route, ...more }, []);
      else answer(model, question);
      await vi.advanceTimersByTimeAsync(0);
    }
    view.follow();
  }
  const leaks = () => /** @type {HTMLElement[]} */ ([...view.root.querySelectorAll(".lw-leak")]);
  const texts = () => leaks().map(({ textContent }) => textContent);
  const words = () => view.root.querySelector(".lw-also")?.textContent;
  const button = /** @type {HTMLButtonElement} */ (
    view.root.querySelector(".lw-button:not(.lw-leak)")
  );
  return { stage, model, view, asked, idle, move, answerAll, leaks, texts, words, onHold, button };
}

const EFFECTS = [2, 0.3, -0.8, 0.05, 0.2, 0.4, 0.5, 0.6];
const CHANCE = [1, 0.4, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1];
const NOTES = NAMES.map((name) => `${name} was held out.`);
const FOUND = { type: "leakage", names: NAMES, effects: EFFECTS, chance: CHANCE, notes: NOTES };

describe("createLeakage", () => {
  it("asks for nothing before anything is moved", async () => {
    const { asked, idle, answerAll, words, button } = makeView();
    await answerAll({});
    await idle();
    expect(asked()).toEqual([]);
    expect(words()).toContain("Move a slider");
    expect(button.hidden).toBe(true);
  });

  it("asks once nobody moves, and shows what was not meant, the largest first", async () => {
    const { asked, idle, move, answerAll, texts, leaks, words } = makeView();
    await move(1);
    expect(asked(), "not before it is idle").toEqual([]);
    expect(words()).toBe("Also moves …");
    await idle();
    expect(asked()).toMatchObject([{ route: "a", at: [1, 0, 0, 0, 0, 0, 0, 0] }]);
    expect(asked()[0].client, "replaces no question for a frame").toMatch(/-leakage$/);
    await answerAll(FOUND);
    const large = ["scale −0.8 σ", "c +0.6 σ", "b +0.5 σ", "a +0.4 σ", "turn +0.2 σ"];
    expect(texts(), "last what is as random").toEqual([...large, "y +0.3 σ"]);
    expect(words()).toBe("Also moves");
    expect(leaks()[0].title).toBe(
      "What scale reads of what is decoded changes by −0.8 σ. Random moves as long: ±0.2 σ. scale was held out. Click to hold it still.",
    );
    await idle();
    expect(asked(), "once").toEqual([]);
  });

  it("shows last, and quietly, what random moves change as much", async () => {
    const { idle, move, answerAll, texts, leaks } = makeView();
    await move(1);
    await idle();
    await answerAll({ ...FOUND, effects: [2, 0.3, -0.2, 0.05, 0.2, 0, 0, 0] });
    expect(texts()).toEqual(["turn +0.2 σ", "y +0.3 σ", "scale −0.2 σ"]);
    expect(leaks().map((leak) => leak.classList.contains("lw-faint"))).toEqual([false, true, true]);
  });

  it("holds one at a click, and keeps it in sight while it is held", async () => {
    const { idle, move, answerAll, texts, leaks, onHold, model } = makeView();
    await move(1);
    await idle();
    await answerAll(FOUND);
    leaks()[0].click();
    expect(onHold).toHaveBeenLastCalledWith("scale", true);
    model.state.hold = ["scale"];
    model.set("_route", "b");
    await answerAll({});
    await idle();
    await answerAll({ ...FOUND, effects: [2, 0, 0.02, 0, 0, 0, 0, 0] });
    expect(texts()).toEqual(["scale held, +0.02 σ"]);
    expect(leaks()[0].ariaPressed).toBe("true");
    leaks()[0].click();
    expect(onHold).toHaveBeenLastCalledWith("scale", false);
  });

  it("leaves the focus to what is held or let go, while it is measured anew and after", async () => {
    const { idle, move, answerAll, texts, leaks, model } = makeView();
    await move(1);
    await idle();
    await answerAll(FOUND);
    leaks()[0].focus();
    const [button] = leaks();
    for (const [hold, route, waiting, effect, text] of /** @type {const} */ ([
      [["scale"], "b", "scale held", 0, "scale held, 0.0 σ"],
      [[], "c", "scale …", -0.8, "scale −0.8 σ"],
    ])) {
      model.state.hold = [...hold];
      model.set("_route", route);
      await answerAll({});
      expect(texts(), "no number of another edit").toEqual([waiting]);
      expect(button.title).not.toContain("σ");
      expect(document.activeElement).toBe(button);
      await idle();
      await answerAll({ ...FOUND, effects: [2, 0.3, effect, 0, 0, 0, 0, 0.9] });
      expect(texts()).toContain(text);
      expect(texts()).toContain("c +0.9 σ");
      expect(document.activeElement).toBe(button);
    }
  });

  it("leaves the focus to what is let go, and then hardly changes", async () => {
    const { idle, move, answerAll, texts, leaks, model } = makeView();
    await move(1);
    await idle();
    await answerAll(FOUND);
    leaks()[0].focus();
    const [button] = leaks();
    model.state.hold = [];
    model.set("_route", "b");
    await answerAll({});
    await idle();
    await answerAll({ ...FOUND, effects: [2, 0, 0.02, 0, 0, 0, 0, 0.9] });
    expect(texts()).toEqual(["c +0.9 σ", "scale +0.02 σ"]);
    expect(document.activeElement).toBe(button);
    button.blur();
    await answerAll({});
    expect(texts(), "it is gone as soon as nobody is at it").toEqual(["c +0.9 σ"]);
  });

  it("shows what else measures, which cannot be held, and asks anew where that changes", async () => {
    const { idle, move, answerAll, texts, leaks, asked, model } = makeView();
    await move(1);
    await idle();
    const more = { names: ["ink", "y"], effects: [0.7, 0.5], chance: [0.1, 0.1] };
    await answerAll({ ...FOUND, ...more, notes: ["By a function.", "Held out."] });
    expect(texts()).toEqual(["ink +0.7 σ", "y +0.5 σ"]);
    expect(leaks().map(({ tagName }) => tagName)).toEqual(["SPAN", "BUTTON"]);
    expect(leaks()[0].title).toMatch(/By a function\.$/);
    await idle();
    expect(asked()).toEqual([]);
    model.set("_measured", 2);
    await idle();
    expect(asked()).toHaveLength(1);
  });

  it("takes no answer for that of measures which were set meanwhile", async () => {
    const { idle, move, answerAll, texts, words, asked, model } = makeView();
    await move(1);
    await idle();
    model.set("_measured", 2);
    await answerAll(FOUND);
    expect(texts()).toEqual([]);
    await idle();
    expect(asked()).toHaveLength(1);
    model.set("_measured", 3);
    await answerAll({ type: "error", message: "too bright" });
    expect(words()).not.toContain("too bright");
    await idle();
    expect(asked()).toHaveLength(1);
    await answerAll(FOUND);
    expect(texts()).toHaveLength(6);
  });

  it("is not there, and asks for nothing, while nothing measures", async () => {
    const { idle, move, view, asked, model } = makeView();
    await move(1);
    model.set("_measured", -2);
    await idle();
    expect(asked()).toEqual([]);
    view.follow();
    expect(view.root.hidden).toBe(true);
    model.set("_measured", 3);
    await idle();
    view.follow();
    expect(view.root.hidden).toBe(false);
    expect(asked()).toHaveLength(1);
  });

  it("shows first what changes and has no unit, and lets go of what is held, measured or not", async () => {
    const { idle, move, answerAll, texts, leaks, onHold, model } = makeView();
    await move(1);
    model.state.hold = ["scale"];
    await idle();
    const more = { names: ["ink", "cut", "odd"], effects: [0.7, null, null] };
    const notes = ["By a function.", "No unit.", "No unit."];
    await answerAll({ ...FOUND, ...more, chance: [0.1, 0, null], notes });
    expect(texts()).toEqual(["scale held", "cut changes", "ink +0.7 σ", "odd changes"]);
    expect(leaks().map((leak) => leak.classList.contains("lw-faint"))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(leaks()[1].title).toBe(
      "What cut reads of what is decoded changes. Random moves as long: ±0.0 σ. No unit.",
    );
    expect(leaks()[1].getAttribute("aria-description"), "read out").toBe(leaks()[1].title);
    expect(leaks()[1].tabIndex, "reached by the keyboard").toBe(0);
    leaks()[0].click();
    expect(onHold).toHaveBeenLastCalledWith("scale", false);
  });

  it("shows eight at most", async () => {
    const { idle, move, answerAll, texts } = makeView();
    await move(1);
    await idle();
    const names = [...NAMES.slice(1), "d", "e", "f"];
    const each = names.map(() => 0.5);
    await answerAll({ ...FOUND, names, effects: each, chance: names.map(() => 0.1), notes: names });
    expect(texts()).toHaveLength(8);
  });

  it("dims what was found out before the last change", async () => {
    const { idle, move, answerAll, view, texts, asked } = makeView();
    await move(1);
    await idle();
    await answerAll(FOUND);
    expect(view.root.classList.contains("lw-old")).toBe(false);
    await move(2);
    expect(view.root.classList.contains("lw-old")).toBe(true);
    expect(texts()).toHaveLength(6);
    await idle();
    expect(asked()).toMatchObject([{ at: [2, 0, 0, 0, 0, 0, 0, 0] }]);
    await answerAll({ ...FOUND, effects: NAMES.map(() => 0.01) });
    expect(texts()).toEqual([]);
    expect(view.root.textContent).toContain("nothing else by 0.1 σ or more");
  });

  it("leaves the page alone where the kernel cannot be reached", async () => {
    const { idle, move, model } = makeView();
    await move(1);
    let tries = 0;
    model.send = () => {
      tries += 1;
      throw new Error("Cannot send");
    };
    await idle();
    await idle();
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThan(5);
  });

  it("asks again where a frame was asked for meanwhile", async () => {
    const { idle, move, answerAll, asked } = makeView();
    await move(1);
    await idle();
    await answerAll({ type: "stale" });
    await idle();
    expect(asked()).toHaveLength(1);
  });

  it.each([
    ["finished frames", { frameMs: 150, wholeMs: 0, drafting: false }],
    ["finished frames, though drafts come soon", { frameMs: 20, wholeMs: 2000, drafting: true }],
  ])("waits for a click where the decoder is slow: of %s", async (_, pace) => {
    const { idle, move, asked, stage, view, button } = makeView();
    vi.spyOn(stage, "pace", "get").mockReturnValue(pace);
    await move(1);
    await idle();
    expect(asked()).toEqual([]);
    expect(button.hidden).toBe(false);
    button.click();
    await idle();
    expect(asked()).toHaveLength(1);
    view.follow();
    expect(button.hidden).toBe(true);
  });

  it.each([
    { frameMs: 149, wholeMs: 150, drafting: false },
    { frameMs: 160, wholeMs: 149, drafting: true },
  ])("asks by itself where finished frames are soon there: %o", async (pace) => {
    const { idle, move, asked, stage } = makeView();
    vi.spyOn(stage, "pace", "get").mockReturnValue(pace);
    await move(1);
    await idle();
    expect(asked()).toHaveLength(1);
  });

  it("says what went wrong, and does not ask again", async () => {
    const { idle, move, answerAll, asked, words, stage } = makeView();
    await move(1);
    await idle();
    await answerAll({ type: "error", message: "too bright" });
    expect(words()).toBe("What else it moves is not known: too bright");
    expect(stage.error, "no alert: nobody asked").toBe("");
    await move(2);
    await idle();
    expect(asked()).toEqual([]);
  });
});
