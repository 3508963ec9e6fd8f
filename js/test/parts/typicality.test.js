import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import createTypicality from "../../src/parts/typicality.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeKind, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TYPICAL = { p: 0.4, words: "typical", test: "", details: "norm 1" };
const RARE = { p: 0.01, words: "rarer than any", test: "norm", details: "norm 9" };

/** Two sliders from −2 to 2, of which all beyond 1 is rare. */
function makeView(state = {}) {
  const model = makeModel({
    _conditions: [],
    _route: "a",
    _neighbours: "",
    frame_memory: 64,
    strip_length: 2,
    ...state,
  });
  const life = new AbortController();
  const { signal } = life;
  let at = [0, 0];
  const write = (/** @type {number[]} */ told) => {
    at = told;
  };
  const control = { read: () => at, write, strips: () => [] };
  const stage = new Stage(model, signal, control, makeKind(), makeStore());
  stage.see({}, true);
  const standing = createTypicality(stage, signal);
  const advice = vi.fn((test) => (test ? " Do this." : ""));
  const root = standing.gauge(signal, advice);
  const ends = vi.fn(() => [-2, 2]);
  const sliders = [0, 1].map((axis) => {
    const slider = {
      track: document.createElement("div"),
      range: document.createElement("input"),
      remark: (/** @type {number} */ _) => "",
    };
    standing.shade(slider, axis, ends, signal);
    return slider;
  });
  /** @param {string} name */
  const part = (name) => /** @type {HTMLElement} */ (root.querySelector(`.lw-${name}`));
  const asked = () => model.sent.filter(({ type }) => type === "typicality");
  const idle = () => vi.advanceTimersByTimeAsync(300);
  /** @param {number[]} place */
  const judged = (place) => (Math.max(...place) > 1 ? RARE : TYPICAL);
  /** The kernel answers all that was asked. @param {object} [more] */
  async function answerAll(more = {}) {
    for (const question of model.sent.splice(0)) {
      const { type: of, client, seq, route } = question;
      if (of === "typicality") {
        const places = [question.at, ...question.positions].map(judged);
        const said = { type: of, of, client, seq, route, places, words: "Compared with 99." };
        model.emit("msg:custom", { ...said, ...more }, []);
      } else if (of !== "stop") answer(model, question);
      await vi.advanceTimersByTimeAsync(0);
    }
    await vi.advanceTimersByTimeAsync(20); // a repaint
  }
  /** @param {number[]} to */
  async function move(to) {
    stage.move(to, { rest: true });
    await answerAll();
  }
  const shadow = (/** @type {number} */ i) =>
    /** @type {HTMLElement} */ (sliders[i].track.querySelector(".lw-astray"));
  const ways = { asked, idle, answerAll, move };
  return { model, stage, root, part, sliders, shadow, ends, ...ways, advice, life };
}

describe("the gauge", () => {
  it("is asked for once nobody moves, and says what the kernel says", async () => {
    const { part, asked, idle, answerAll, move, advice } = makeView();
    await answerAll();
    await move([0.5, 0]);
    expect(asked(), "not at once").toEqual([]);
    expect(part("verdict").textContent).toContain("while you rest");
    expect(part("needle").hidden, "it points nowhere yet").toBe(true);
    await idle();
    expect(asked()).toMatchObject([{ at: [0.5, 0], positions: [] }]);
    await answerAll();
    expect(part("needle").hidden).toBe(false);
    expect(part("verdict").textContent).toBe("typical");
    expect(part("verdict").title).toBe("typical. norm 1. Compared with 99.");
    expect(part("gauge").classList).not.toContain("lw-odd");
    expect(part("gauge").dataset.lwRarity).toBe("0.4");
    expect(Number.parseFloat(part("needle").style.left)).toBeCloseTo(100 * Math.sqrt(0.4));
    expect(advice).toHaveBeenLastCalledWith("");
  });

  it("follows a slider in hand by what was found along it, and is pale where nothing was", async () => {
    const { part, stage, idle, answerAll, move } = makeView();
    await answerAll();
    for (let i = 0; i < 4; i++) {
      await idle();
      await answerAll();
    }
    expect(part("verdict").textContent).toBe("typical");
    stage.grab(0);
    await move([1.7, 0]);
    expect(part("verdict").textContent).toBe("rarer than any");
    expect(part("verdict").title).toContain("Do this.");
    expect([...part("gauge").classList]).toEqual(["lw-gauge", "lw-odd"]);
    await move([1.7, 0.3]);
    expect(part("gauge").classList, "of another place").toContain("lw-old");
    await idle();
    await answerAll();
    expect(part("gauge").classList).not.toContain("lw-old");
  });

  it("says why where there is nothing to compare with, which is asked once", async () => {
    const { part, asked, idle, answerAll, move } = makeView();
    await answerAll();
    await idle();
    expect(part("meter").hidden).toBe(false);
    await answerAll({ places: [], words: "samples take 1.5 s each. Pass data=latents." });
    expect(part("verdict").textContent).toBe("typicality not judged: samples take 1.5 s each");
    expect(part("verdict").title).toBe("samples take 1.5 s each. Pass data=latents.");
    expect(part("meter").hidden).toBe(true);
    await move([1, 1]);
    await idle();
    expect(asked()).toEqual([]);
  });

  it("says that it is not known after an error, and why, unless it was known", async () => {
    const { part, idle, answerAll, move } = makeView();
    await answerAll();
    await idle();
    await answerAll({ type: "error", message: "too far" });
    expect(part("verdict").textContent).toBe("typicality: not known");
    expect(part("verdict").title).toBe("too far");
    await move([0.2, 0]);
    await idle();
    await answerAll();
    const words = part("verdict").textContent;
    expect(words).not.toContain("not known");
    await idle();
    await answerAll({ type: "error", message: "too far along a slider" });
    expect(part("verdict").textContent).toBe(words);
  });

  it("asks again after an error only once something has changed", async () => {
    const { asked, idle, answerAll, move } = makeView();
    await answerAll();
    await idle();
    await answerAll({ type: "error", message: "no" });
    await idle();
    expect(asked()).toEqual([]);
    await move([0.1, 0]);
    await idle();
    expect(asked()).toHaveLength(1);
  });
});

describe("the shade of a slider", () => {
  it("lies where the latent is rare, and says which test fails there", async () => {
    const { shadow, sliders, asked, idle, answerAll } = makeView();
    await answerAll();
    await idle();
    await answerAll();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked()[0].positions).toHaveLength(33);
    expect(asked()[0].positions[0]).toEqual([-2, 0]);
    await answerAll();
    await idle();
    await answerAll();
    await idle();
    for (const i of [0, 1]) {
      expect(shadow(i).dataset.lwPlaces).toBe("8"); // of 33 those beyond 1
      expect(shadow(i).style.backgroundImage).toContain("transparent 76.563%");
    }
    const { range } = sliders[0];
    shadow(0).getBoundingClientRect = () => /** @type {DOMRect} */ ({ left: 100, width: 100 });
    range.dispatchEvent(new MouseEvent("pointermove", { clientX: 190 }));
    expect(range.title).toContain("rarer than any");
    range.dispatchEvent(new MouseEvent("pointermove", { clientX: 110 }));
    expect(range.title).toBe("");
    range.dispatchEvent(new MouseEvent("pointermove", { clientX: 207 }));
    expect(range.title, "half a thumb beyond the shade").toContain("rarer than any");
    range.dispatchEvent(new MouseEvent("pointermove", { clientX: 93 }));
    expect(range.title).toBe("");
  });

  it("is not looked for where nothing was found out", async () => {
    const { sliders, ends, idle, answerAll } = makeView();
    await answerAll();
    const [{ remark }] = sliders;
    ends.mockClear();
    expect(remark(1.7)).toBe("");
    expect(ends).not.toHaveBeenCalled();
    for (let i = 0; i < 4; i++) {
      await idle();
      await answerAll();
    }
    ends.mockClear();
    expect(remark(2.5), "beyond the slider").toBe("");
    expect(ends).not.toHaveBeenCalled();
    expect(remark(1.7)).toContain("rarer than any");
  });

  it("has words of its own for who does not use a mouse", async () => {
    const { sliders, idle, answerAll, move } = makeView();
    await answerAll();
    const said = (/** @type {number} */ value) => sliders.map(({ remark }) => remark(value));
    expect(said(1.7), "not known yet").toEqual(["", ""]);
    for (let i = 0; i < 4; i++) {
      await idle();
      await answerAll();
    }
    const words = ". Here the latent leaves what is ordinary: rarer than any.";
    expect(said(1.7)).toEqual([words, words]);
    expect([...said(0.9), ...said(2.5), ...said(-2.5)]).toEqual(["", "", "", "", "", ""]);
    await move([0.5, 0]);
    expect(said(1.7), "the other slider leads elsewhere now").toEqual([words, ""]);
  });

  it("stays while its own slider moves, and goes as another does", async () => {
    const { shadow, idle, answerAll, move, asked } = makeView();
    await answerAll();
    for (let i = 0; i < 4; i++) {
      await idle();
      await answerAll();
    }
    expect(asked()).toEqual([]);
    await move([0.5, 0]);
    expect([0, 1].map((i) => shadow(i).dataset.lwPlaces)).toEqual(["8", "0"]);
    for (let i = 0; i < 4; i++) {
      await idle();
      await answerAll();
    }
    expect([0, 1].map((i) => shadow(i).dataset.lwPlaces)).toEqual(["8", "8"]);
  });
});
