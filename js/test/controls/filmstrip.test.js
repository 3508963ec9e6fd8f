import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFilmstrip, places } from "../../src/controls/filmstrip.js";
import { createControl } from "../../src/interpolator/control.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeKind, makeModel, makeStore } from "../model.js";

/** @type {AbortController} */
let view;
beforeEach(() => {
  vi.useFakeTimers();
  view = new AbortController();
});
afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** A filmstrip that moves its stage, as in an interpolator. */
function makeFilmstrip(filmstrip = 5, kind = makeKind()) {
  const model = makeModel({ value: 0, _route: "a", frame_memory: 64, strip_length: 9, filmstrip });
  const { signal } = new AbortController();
  const stage = new Stage(model, signal, createControl(model), kind, makeStore());
  const made = createFilmstrip(stage, (t) => stage.move([t], { rest: true }), view.signal);
  stage.listen(made.update, view.signal);
  document.body.append(made.strip);
  const buttons = () => [...made.strip.querySelectorAll("button")];
  /** Frames come for some places. @param {number[]} places @param {string} [route] */
  async function come(places, route = model.get("_route")) {
    const positions = places.map((t) => [t]);
    answer(model, {
      type: "strip",
      client: "another page",
      seq: 1,
      route,
      positions,
      drafts: true,
    });
    await vi.advanceTimersByTimeAsync(0);
  }
  const empty = () => buttons().map((button) => button.classList.contains("lw-empty"));
  const exact = () =>
    buttons().map((button) => /** @type {any} */ (button.firstChild).dataset.lwExact === "true");
  return { ...made, model, stage, buttons, come, empty, exact };
}

describe("places", () => {
  it("are from one end to the other, as far apart as can be", () => {
    expect(places(5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(places(1)).toEqual([0]);
    expect(places(0)).toEqual([]);
  });
});

describe("createFilmstrip", () => {
  it("is named by what is shown", () => {
    const { strip } = makeFilmstrip(5, { ...makeKind(), word: "Text" });
    expect(strip.getAttribute("aria-label")).toBe("Texts along the path");
  });

  it("is a button a place, and goes where one is clicked", () => {
    const { buttons, stage } = makeFilmstrip();
    expect(buttons().map(({ title }) => title)).toEqual([
      "t = 0",
      "t = 0.25",
      "t = 0.5",
      "t = 0.75",
      "t = 1",
    ]);
    buttons()[3].click();
    expect(stage.at).toEqual([0.75]);
  });

  it("marks the place nearest to the thumb, which alone is a tab stop", () => {
    const { buttons, stage } = makeFilmstrip();
    stage.move([0.6]);
    expect(buttons().map(({ tabIndex }) => tabIndex)).toEqual([-1, -1, 0, -1, -1]);
    expect(buttons().map((button) => button.getAttribute("aria-current"))).toEqual([
      null,
      null,
      "true",
      null,
      null,
    ]);
  });

  it("is walked along by arrows, and no further than its ends", () => {
    const { buttons, stage } = makeFilmstrip(3);
    const press = (/** @type {string} */ key) =>
      document.activeElement?.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
      );
    buttons()[0].focus();
    press("ArrowLeft");
    expect(stage.at).toEqual([0]);
    press("ArrowRight");
    expect(stage.at).toEqual([0.5]);
    expect(document.activeElement).toBe(buttons()[1]);
    press("ArrowRight");
    expect(press("ArrowRight"), "left to the page").toBe(true);
    expect(stage.at).toEqual([1]);
  });

  it("leaves a place empty until the frame for exactly that place is here", async () => {
    const { come, empty, exact } = makeFilmstrip();
    expect(empty()).toEqual([true, true, true, true, true]);
    await come([0.25, 0.45]);
    expect(empty()).toEqual([true, false, true, true, true]);
    expect(exact()).toEqual([false, true, false, false, false]);
  });

  it("paints a frame once, and a better one over it", async () => {
    const { buttons, stage, model, come } = makeFilmstrip();
    const cell = /** @type {any} */ (buttons()[1].firstChild);
    await come([0.25]);
    const first = cell.painted;
    expect(first).toBeDefined();
    const paint = vi.spyOn(stage.kind, "paint");
    const ready = vi.spyOn(stage.store, "ready");
    for (let i = 0; i < 5; i++) stage.changed();
    await vi.advanceTimersByTimeAsync(0);
    expect(paint).not.toHaveBeenCalled();
    expect(ready, "what is painted need not stay ready").not.toHaveBeenCalled();
    model.set("_route", "b");
    await come([0.25]);
    expect(paint).toHaveBeenCalledTimes(1);
  });

  it("shows on a new path what came for it alone", async () => {
    const { come, empty, exact, model } = makeFilmstrip();
    await come([0, 0.25, 0.5, 0.75, 1]);
    expect(exact()).toEqual([true, true, true, true, true]);
    model.set("_route", "b");
    expect(exact()).toEqual([false, false, false, false, false]);
    expect(empty()).toEqual([true, true, true, true, true]);
    await come([0.5]);
    await come([0], "a");
    expect(exact()).toEqual([false, false, true, false, false]);
  });

  it("has as many places as it is told, and none where it is told 0", () => {
    const { strip, build, model, buttons } = makeFilmstrip();
    expect(strip.hidden).toBe(false);
    model.set("filmstrip", 2);
    build();
    expect(buttons().map(({ title }) => title)).toEqual(["t = 0", "t = 1"]);
    model.set("filmstrip", 0);
    build();
    expect(buttons()).toEqual([]);
    expect(strip.hidden).toBe(true);
  });

  it("does nothing more after its view is gone", async () => {
    const { buttons, stage, come } = makeFilmstrip();
    const [first, , last] = buttons();
    view.abort();
    last.click();
    expect(stage.at).toEqual([0]);
    await come([0]);
    expect(/** @type {any} */ (first.firstChild).painted).toBeUndefined();
  });
});
