import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { attach, createCopy, createRoot, createStatus } from "../../src/controls/view.js";
import { createControl } from "../../src/interpolator/control.js";
import { Stage } from "../../src/stage/stage.js";
import {
  answer,
  answerDraft,
  makeKind,
  makeModel,
  makeSight,
  makeSizes,
  makeStore,
  refuse,
} from "../model.js";

/** @type {AbortController} */
let view;
/** @type {ReturnType<typeof makeSight>} */
let sight;
/** @type {ReturnType<typeof makeSizes>} */
let sizes;
beforeEach(() => {
  vi.useFakeTimers();
  view = new AbortController();
  sight = makeSight();
  sizes = makeSizes();
  vi.stubGlobal("IntersectionObserver", sight.Observer);
  vi.stubGlobal("ResizeObserver", sizes.Observer);
});
afterEach(() => {
  view.abort();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function makeStage() {
  const state = { value: 0, _route: "a", frame_memory: 64, strip_length: 65, filmstrip: 0 };
  const model = makeModel(state);
  const { signal } = new AbortController();
  const stage = new Stage(model, signal, createControl(model), makeKind(), makeStore());
  return { model, stage };
}

describe("createRoot", () => {
  it("keeps the notebook's keys away, and shows texts as text", () => {
    const root = createRoot("interpolator", ["<b>x</b>"]);
    expect(root.className).toBe("lw-root lw-interpolator");
    expect(root.innerHTML).toBe("&lt;b&gt;x&lt;/b&gt;");
    const slider = document.createElement("input");
    root.append(slider);
    slider.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
    expect(slider.hasAttribute("data-lm-suppress-shortcuts")).toBe(true);
  });
});

describe("attach", () => {
  function attached() {
    const { model, stage } = makeStage();
    const [repaint, follow] = [vi.fn(), vi.fn()];
    const root = createRoot("test", []);
    attach(stage, root, repaint, follow, view.signal);
    return { model, stage, repaint, follow };
  }

  it("says what the texts that are shown continue, as text, and nothing where they do not", () => {
    const { model, stage } = makeStage();
    const roots = ["", "Once <b>upon</b> a time"].map((prompt) => {
      model.state._prompt = prompt;
      const root = createRoot("test", []);
      attach(stage, root, vi.fn(), vi.fn(), view.signal);
      return root;
    });
    expect(roots[0].querySelector(".lw-prompt")).toBe(null);
    const line = /** @type {HTMLElement} */ (roots[1].querySelector(".lw-prompt"));
    expect(line.textContent).toBe("Continues Once <b>upon</b> a time");
    expect(line.title).toBe("Once <b>upon</b> a time");
  });

  it("smooths pictures where the model says so, also one that was taken out of it", () => {
    const { model, stage } = makeStage();
    const look = document.createElement("div");
    look.className = "lw-look";
    const root = createRoot("test", [look]);
    attach(stage, root, vi.fn(), vi.fn(), view.signal);
    look.remove();
    const smooth = () => [root, look].map((one) => one.classList.contains("lw-smooth"));
    expect(smooth()).toEqual([false, false]);
    model.set("smooth", true);
    expect(smooth()).toEqual([true, true]);
  });

  it("shows at once what there is", () => {
    const { repaint, follow } = attached();
    expect(repaint).toHaveBeenCalledTimes(1);
    expect(follow).toHaveBeenCalledTimes(1);
  });

  it("repaints with every change, and follows once a repaint of the page", () => {
    const { stage, repaint, follow } = attached();
    for (let i = 1; i < 6; i++) stage.changed();
    expect(repaint).toHaveBeenCalledTimes(6);
    expect(follow).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(50);
    expect(follow).toHaveBeenCalledTimes(2);
    stage.changed();
    vi.advanceTimersByTime(50);
    expect(follow).toHaveBeenCalledTimes(3);
  });

  it("has strips decoded once it is seen, and no more of them when it is not", () => {
    const { model, stage } = attached();
    const strips = () => model.sent.filter(({ type }) => type === "strip");
    stage.fill();
    expect(strips()).toEqual([]);
    sight.show(true);
    expect(stage.inSight).toBe(true);
    expect(strips()).toHaveLength(1);
    sight.show(false);
    expect(stage.inSight).toBe(false);
    answer(model, strips()[0]);
    expect(strips()).toHaveLength(1);
  });

  it("is told of nothing after its view is gone", () => {
    const { stage, repaint, follow } = attached();
    sight.show(true);
    view.abort();
    const before = [repaint, follow].map(({ mock }) => mock.calls.length);
    expect(stage.inSight).toBeUndefined();
    expect(sight.watching()).toBe(0);
    stage.changed();
    vi.advanceTimersByTime(50);
    expect([repaint, follow].map(({ mock }) => mock.calls.length)).toEqual(before);
  });
});

describe("createStatus", () => {
  function makeStatus() {
    const { model, stage } = makeStage();
    const root = createRoot("test", []);
    const made = createStatus(stage, ([t]) => `t = ${t}`, view.signal);
    const say = () => {
      made.follow(root);
      return [made.status.dataset.lwState, made.status.textContent];
    };
    return { ...made, model, stage, root, say };
  }

  it("lets keys come to the alert only while there is more of it than is seen", () => {
    const { alert, stage, say } = makeStatus();
    let high = 20;
    Object.defineProperties(alert, {
      clientHeight: { get: () => 80 },
      scrollHeight: { get: () => high },
    });
    stage.fail("one word");
    say();
    expect(alert.hidden).toBe(false);
    for (const [now, stop] of /** @type {[number, boolean][]} */ ([
      [20, false],
      [200, true],
      [20, false],
    ])) {
      high = now;
      sizes.resize(/** @type {Element} */ (alert.firstElementChild));
      expect(alert.hasAttribute("tabindex")).toBe(stop);
    }
  });

  it("says whether the picture is exact, how long it took, and what stands in for it", async () => {
    const { model, stage, root, say } = makeStatus();
    expect(say()).toEqual(["none", "decoding…"]);
    stage.move([0.25], { rest: true });
    say();
    expect(root.ariaBusy).toBe("true");
    answer(model, model.sent[0], { ms: 4.25 });
    await vi.advanceTimersByTimeAsync(0);
    expect(say()).toEqual(["exact", "exact · 4.3 ms"]);
    expect(root.ariaBusy).toBe("false");
    stage.move([0.5]);
    expect(say()).toEqual(["near", "nearest: t = 0.25"]);
  });

  it("says in its tooltip who made the picture, and that the kernel is gone", async () => {
    const { model, stage, status, say } = makeStatus();
    stage.move([0.25], { rest: true });
    answer(model, model.sent[0], { ms: 4 });
    await vi.advanceTimersByTimeAsync(0);
    const { mailbox } = stage;
    mailbox.where = ", by the kernel: it is random.";
    say();
    expect(status.title).toBe("exact · 4.0 ms, by the kernel: it is random.");
    const frame = /** @type {import("../../src/frames/store.js").StoredFrame} */ (stage.frame());
    stage.store.drop("a@0.25", frame);
    stage.store.put({ ...frame, here: true });
    mailbox.here = ", in the page, as it was";
    say();
    await vi.advanceTimersByTimeAsync(0);
    say();
    expect(status.title).toBe("exact · 4.0 ms, in the page, as it was");
    mailbox.local = /** @type {any} */ ({ route: "a", gone: "kernel gone: it goes on" });
    model.emit("comm_live_update");
    expect(say()[1]).toBe("exact · 4.0 ms · kernel gone");
    expect(status.title).toBe("exact · 4.0 ms · kernel gone: it goes on");
  });

  it("says whose picture it still shows where none of another choice may stand in", async () => {
    const { model, stage, say } = makeStatus();
    model.state._conditions = [{ name: "class", choices: ["owl", "mug"], low: 0, high: 1 }];
    model.state.conditions = {};
    stage.move([0.25, 0], { rest: true });
    answer(model, model.sent[0], { ms: 4 });
    await vi.advanceTimersByTimeAsync(0);
    expect(say()[0]).toBe("exact");
    stage.move([0.25, 1], { rest: true });
    expect(stage.frame()).toBeUndefined();
    expect(say()).toEqual(["none", "decoding… shown: t = 0.25"]);
    stage.fail("class mug: no weights");
    expect(say()).toEqual(["none", "last good picture: t = 0.25"]);
  });

  it("says that a picture is a draft, and what that is", async () => {
    const { model, stage, status, say } = makeStatus();
    stage.move([0.25], { rest: true });
    answerDraft(model, model.sent[0], 3);
    await vi.advanceTimersByTimeAsync(0);
    expect(say()).toEqual(["draft", "draft 3"]);
    expect(status.title).toContain("not finished");
    stage.move([0.5]);
    expect(say()).toEqual(["near", "nearest draft: t = 0.25"]);
    stage.move([0.25], { rest: true });
    answer(model, model.sent[0]);
    await vi.advanceTimersByTimeAsync(0);
    expect(say()[0]).toBe("exact");
    expect(status.title).toBe("exact · 1.0 ms");
  });

  it("gives no time where decoding took none, and no digits that mean nothing", async () => {
    const { model, stage, say } = makeStatus();
    stage.move([0.25], { rest: true });
    answer(model, model.sent[0], { ms: null });
    await vi.advanceTimersByTimeAsync(0);
    expect(say()).toEqual(["exact", "exact"]);
    stage.move([0.5], { rest: true });
    answer(model, model.sent[1], { ms: 123.4 });
    await vi.advanceTimersByTimeAsync(0);
    expect(say()).toEqual(["exact", "exact · 123 ms"]);
  });

  it("tells what went wrong as text, until it is over", async () => {
    const { model, stage, alert, say } = makeStatus();
    expect(say() && alert.hidden).toBe(true);
    stage.move([0.25], { rest: true });
    refuse(model, model.sent[0], { type: "error", message: "<b>no</b>" });
    expect(say()).toEqual(["none", "last good picture"]);
    expect(alert.hidden).toBe(false);
    expect(alert.innerHTML).toBe("<div>&lt;b&gt;no&lt;/b&gt;</div>");
    expect(alert.getAttribute("role")).toBe("alert");
    stage.move([0.5], { rest: true });
    answer(model, model.sent[1]);
    await vi.advanceTimersByTimeAsync(0);
    say();
    expect(alert).toMatchObject({ hidden: true, textContent: "" });
  });
});

describe("createCopy", () => {
  it("asks what copies for the latent where the thumb was at the click", async () => {
    const code = "export const copyCode = async (stage, button, place) => stage.fail(place);";
    URL.createObjectURL = () => `data:text/javascript,${encodeURIComponent(code)}`;
    URL.revokeObjectURL = () => {};
    vi.stubGlobal(
      "CSSStyleSheet",
      class {
        replaceSync() {}
      },
    );
    vi.useRealTimers();
    const { model, stage } = makeStage();
    model.state._saver = code;
    createCopy(stage, view.signal).click();
    stage.move([0.5]);
    await vi.waitFor(() => expect(stage.error).toEqual({ route: "a", at: [0] }));
  });

  it("says that what copies could not be loaded", async () => {
    const { stage } = makeStage();
    createCopy(stage, view.signal).click();
    await vi.advanceTimersByTimeAsync(0);
    expect(stage.error).toContain("could not be copied");
  });
});
