import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createList, zeroOf } from "../../src/direction_editor/list.js";
import createChanges from "../../src/parts/change.js";
import createCurve from "../../src/parts/curve.js";
import createUnits from "../../src/parts/units.js";
import { answer } from "../model.js";

beforeEach(() => {
  vi.useFakeTimers();
  Element.prototype.scrollIntoView = vi.fn();
});
afterEach(() => void vi.useRealTimers().restoreAllMocks());

import { ABOUT, makeStage } from "./stage.js";

describe("createList", () => {
  function makeList() {
    const { stage, state, signal, ...rest } = makeStage();
    const full = vi.fn();
    /** @type {import("../../src/direction_editor/row.js").Parts} */
    const parts = {};
    state._rows[1].score = 0.9;
    state._rows[1].warning = "<b>few samples</b>";
    const list = createList(
      stage,
      { hold: vi.fn(), full, paint: vi.fn() },
      undefined,
      { changes: createChanges(stage, signal) },
      parts,
      signal,
    );
    list.followSettings();
    const shown = () =>
      [...list.box.querySelectorAll(".lw-row")]
        .filter((row) => !(/** @type {HTMLElement} */ (row).hidden))
        .map((row) => row.getAttribute("aria-label"));
    return { list, shown, stage, state, parts, full, ...rest };
  }

  it("finds rows by name, and says where none matches", () => {
    const { list, shown } = makeList();
    list.search.value = " SMI ";
    list.search.dispatchEvent(new Event("input"));
    expect(shown()).toEqual(["smile"]);
    list.search.value = "nose";
    list.search.dispatchEvent(new Event("input"));
    expect(shown()).toEqual([]);
    expect(list.box.querySelector(".lw-none")).toMatchObject({ hidden: false });
  });

  it("take a number beyond the ends of the slider, which then reach as far, up to 1,000 σ", () => {
    const { list, stage, state, model } = makeList();
    const row = /** @type {HTMLElement} */ (list.box.querySelector(".lw-row"));
    const number = /** @type {HTMLInputElement} */ (row.querySelector("input[type=number]"));
    const type = (/** @type {string} */ text) => {
      number.value = text;
      number.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    };
    type("7.5");
    expect([stage.at, stage.error]).toEqual([[7.5, 0, 0], ""]);
    stage.tell();
    expect(state.value.age).toBe(7.5);
    type("-1000");
    expect(stage.at[0]).toBe(-1000);
    type("1000.5");
    expect(stage.at[0]).toBe(-1000);
    expect(stage.error).toBe("age goes from -1000 to 1000, not to 1000.5.");
    expect([number.value, number.ariaInvalid]).toEqual(["-1000.00", "true"]);
    type("2");
    expect([stage.at[0], stage.error, number.ariaInvalid]).toEqual([2, "", "false"]);
    model.set("_ranges", [[-3, 1200], ...state._ranges.slice(1)]); // as the kernel set it
    list.followSettings();
    type("1100");
    expect([stage.at[0], stage.error]).toEqual([1100, ""]);
  });

  it("sorts", () => {
    const { list, shown, stage } = makeList();
    const menu = /** @type {HTMLSelectElement} */ (list.order.field.querySelector("select"));
    const sort = (/** @type {string} */ name) => {
      menu.value = name;
      menu.dispatchEvent(new Event("change"));
      return shown();
    };
    stage.move([1, 0, -2]);
    expect(sort("by name")).toEqual(["10", "age", "smile"]);
    expect(sort("by score")[0]).toBe("smile");
    expect(sort("by amount")).toEqual(["10", "age", "smile"]);
    expect(sort("as given")).toEqual(["age", "smile", "10"]);
  });

  it("has zero at one place in all rows, and writes the ends", () => {
    const { list, stage, state } = makeList();
    state._ranges = [
      [-3, 1],
      [-1, 4],
      [0, 2],
    ];
    state._origin = [0, 2, 0];
    list.followSettings();
    stage.move([0, 2, 0]);
    const rows = /** @type {HTMLElement[]} */ ([...list.box.querySelectorAll(".lw-row")]);
    const number = (/** @type {Element | null} */ one, /** @type {string} */ name) =>
      Number(/** @type {HTMLElement} */ (one).style.getPropertyValue(name));
    const places = rows.map((row) => {
      const [from, to] = [number(row, "--lw-from"), number(row, "--lw-to")];
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(1.0000001);
      expect(Math.min(from, 1 - to), "one side reaches the end").toBeCloseTo(0, 6);
      return from + number(row.querySelector(".lw-zero"), "--lw-at") * (to - from);
    });
    for (const place of places) expect(place).toBeCloseTo(places[0], 6);
    const ends = rows.map((row) => row.querySelector(".lw-ends")?.textContent);
    expect(ends).toEqual(["−31", "−14", "02"]);
    const origins = rows.map((row) => row.querySelector(".lw-origin"));
    expect(origins.map((one) => /** @type {HTMLElement} */ (one).hidden)).toEqual([
      true,
      false,
      true,
    ]);
    expect(zeroOf([[0, 5]])).toBe(0);
    expect(zeroOf([...Array(9).fill([0, 5]), [-5, 5]]), "no row is squeezed").toBe(0.25);
  });

  it("says how many rows are below those in sight", () => {
    const { list } = makeList();
    const inner = /** @type {HTMLElement} */ (list.box.querySelector(".lw-list"));
    const more = /** @type {HTMLElement} */ (list.box.querySelector(".lw-more"));
    expect(more.hidden).toBe(true);
    Object.defineProperty(inner, "clientHeight", { value: 34 });
    for (const [i, row] of [...inner.querySelectorAll(".lw-row")].entries()) {
      Object.defineProperties(row, { offsetTop: { value: 34 * i }, offsetHeight: { value: 34 } });
    }
    list.followScroll();
    expect([more.hidden, more.textContent]).toEqual([false, "↓ 2 more"]);
    inner.scrollTop = 34;
    inner.dispatchEvent(new Event("scroll"));
    expect(more.textContent).toBe("↓ 1 more");
    list.search.value = "age";
    list.search.dispatchEvent(new Event("input"));
    expect(more.hidden).toBe(true);
  });

  it("says how much each direction changes the picture, and sorts by it", async () => {
    const { list, shown, stage, model, sent } = makeList();
    stage.see({}, true);
    const badges = () => [...list.box.querySelectorAll(".lw-change")];
    expect(badges().map((one) => one.textContent)).toEqual(["", "", ""]);
    for (let i = 0; i < 3; i++) {
      for (const question of sent.splice(0)) {
        if (question.type === "changes") {
          expect(question).toMatchObject({ route: "a", at: [0, 0, 0] });
          const { client, seq, route } = question;
          const changes = [
            [0.034, 0.05],
            [0.25, 0.05],
            [0.0004, 0.01],
          ];
          const of = "changes";
          model.emit("msg:custom", { of, type: of, client, seq, route, changes }, []);
        } else answer(model, question);
      }
      await vi.advanceTimersByTimeAsync(600);
    }
    list.follow();
    expect(badges().map((one) => one.textContent)).toEqual(["Δ 3.4 %", "Δ 25 %", "Δ none"]);
    expect(badges().map((one) => one.classList.contains("lw-dead"))).toEqual([false, false, true]);
    expect(badges()[1].getAttribute("title")).toContain(
      "a random direction as long changes it by 5.0 %",
    );
    const menu = /** @type {HTMLSelectElement} */ (list.order.field.querySelector("select"));
    menu.value = "by change";
    menu.dispatchEvent(new Event("change"));
    expect(shown()).toEqual(["smile", "age", "10"]);
  });

  it("hides rows and shows them again", () => {
    const { list, shown } = makeList();
    /** @type {HTMLButtonElement | null} */ (list.box.querySelector(".lw-hide"))?.click();
    expect(shown()).toEqual(["smile", "10"]);
    expect(list.shown.textContent).toBe("Show hidden (1)");
    list.shown.click();
    expect(shown()).toHaveLength(3);
    expect(list.shown.hidden).toBe(true);
  });

  it("shows one tick a base, and texts as text", () => {
    const { list } = makeList();
    const ticks = list.box.querySelectorAll(".lw-row:nth-child(1) .lw-reading");
    expect([...ticks].map((tick) => tick.getAttribute("title"))).toEqual([
      "reads +0.1 σ",
      "reads −1.0 σ",
    ]);
    const [none, warning] = list.box.querySelectorAll(".lw-warn");
    expect(none).toMatchObject({ hidden: true });
    expect(warning).toMatchObject({ hidden: false, title: "<b>few samples</b>" });
    expect(list.box.querySelector("b")).toBeNull();
  });

  it("keeps its rows where one gets stuck, and what is hidden where directions are added", () => {
    const { list, shown, state } = makeList();
    const [first] = list.box.querySelectorAll(".lw-row");
    /** @type {HTMLButtonElement | null} */ (first.querySelector(".lw-hide"))?.click();
    state._left = [1, 0.5, 0.02];
    list.followSettings();
    expect(list.box.querySelector(".lw-row")).toBe(first);
    const warnings = [...list.box.querySelectorAll(".lw-warn")].map((sign) =>
      sign.getAttribute("title"),
    );
    expect(warnings).toEqual(["", "<b>few samples</b>", expect.stringMatching("leaves 2 % of")]);
    state._left = [1, 1, 1, 1];
    state._rows = [...state._rows, { ...ABOUT, name: "nose" }];
    state._ranges = [...state._ranges, [-3, 3]];
    state._origin = [0, 0, 0, 0];
    state._units = [...state._units, { size: 0, words: "" }];
    state.value.nose = 0;
    vi.spyOn(HTMLElement.prototype, "offsetTop", "get").mockReturnValue(84);
    list.followSettings();
    expect(shown(), "what is new comes first").toEqual(["nose", "smile", "10"]);
    const fresh = [...list.box.querySelectorAll(".lw-new")];
    expect(fresh.map((row) => row.ariaLabel)).toEqual(["nose"]);
    expect(list.box.querySelector(".lw-list")).toMatchObject({ scrollTop: 84 });
    expect(vi.mocked(list.box.scrollIntoView).mock.contexts).toEqual([list.box]);
  });

  it("leaves the list where a slider is in hand, and puts what is new first afterwards", async () => {
    const { list, shown, state } = makeList();
    document.body.replaceChildren(list.box);
    const add = (/** @type {string[]} */ ...names) => {
      for (const name of names) {
        state._rows = [...state._rows, { ...ABOUT, name }];
        state._ranges = [...state._ranges, [-3, 3]];
        state._origin = [...state._origin, 0];
        state._left = [...state._left, 1];
        state._units = [...state._units, { size: 0, words: "" }];
        state.value[name] = 0;
      }
      list.followSettings();
    };
    const scrolled = vi.mocked(list.box.scrollIntoView).mock.calls;
    const slider = /** @type {HTMLElement} */ (list.box.querySelectorAll(".lw-slider")[1]);
    slider.focus();
    add("nose", "chin");
    expect(shown()).toEqual(["age", "smile", "10", "nose", "chin"]);
    expect(scrolled).toEqual([]);
    slider.blur();
    await vi.advanceTimersByTimeAsync(20);
    expect(shown()).toEqual(["nose", "chin", "age", "smile", "10"]);
    add("brow");
    expect(shown(), "the newest of all").toEqual(["brow", "nose", "chin", "age", "smile", "10"]);
    expect(scrolled).toHaveLength(1);
    state._rows = [{ ...state._rows[0], badge: "AUC 0.9" }, ...state._rows.slice(1)];
    list.followSettings();
    expect(shown(), "as more becomes known").toEqual([
      ...["brow", "nose", "chin", "age", "smile", "10"],
    ]);
  });

  it("keeps the slider in hand where more becomes known, and sorts once it is let go of", async () => {
    const { list, shown, state } = makeList();
    document.body.replaceChildren(list.box);
    const menu = /** @type {HTMLSelectElement} */ (list.order.field.querySelector("select"));
    menu.value = "by score";
    menu.dispatchEvent(new Event("change"));
    expect(shown()).toEqual(["smile", "age", "10"]);
    const before = [...list.box.querySelectorAll(".lw-row")];
    const slider = /** @type {HTMLElement} */ (list.box.querySelectorAll(".lw-slider")[1]);
    slider.focus();
    // Another window comes to the front: the slider stays the page's active element.
    slider.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(20);
    expect(document.activeElement).toBe(slider);
    const better = [0.99, 0.5, 0.4].map((score) => ({ score, badge: `AUC ${score}`, note: "new" }));
    state._rows = better.map((more, i) => ({ ...state._rows[i], ...more }));
    list.followSettings();
    expect(document.activeElement).toBe(slider);
    const after = [...list.box.querySelectorAll(".lw-row")];
    expect(after.every((row, i) => row === before[i])).toBe(true);
    expect(shown()).toEqual(["smile", "age", "10"]);
    const badges = [...list.box.querySelectorAll(".lw-badge:not(.lw-change)")];
    expect(badges.map(({ textContent }) => textContent)).toEqual([
      "AUC 0.5",
      "AUC 0.99",
      "AUC 0.4",
    ]);
    slider.blur();
    await vi.waitFor(() => expect(shown()).toEqual(["age", "smile", "10"]));
    // What stands right is not taken out of the page and put back.
    const moved = new MutationObserver(() => {});
    moved.observe(before[0].parentNode ?? list.box, { childList: true });
    slider.focus();
    slider.blur();
    await vi.advanceTimersByTimeAsync(20);
    expect(moved.takeRecords()).toEqual([]);
    // Those of other names are other rows; the old ones are gone.
    state._rows = ["a", "b", "c"].map((name, i) => ({ ...state._rows[i], name }));
    list.followSettings();
    expect(list.box.querySelectorAll(".lw-row")).toHaveLength(3);
    expect(list.box.querySelector(".lw-row .lw-slider")?.ariaLabel).toBe("a");
    document.body.replaceChildren();
  });

  it("says how long an amount is in the space's own unit", () => {
    const { list, stage, state, parts } = makeList();
    state._units = [0.25, 1, 2].map((size) => ({ size, words: "{} of the norm after layer 3" }));
    parts.units = createUnits;
    list.followSettings();
    const said = list.box.querySelectorAll(".lw-unit");
    expect(said[0].textContent).toBe("1 σ is 0.25 of the norm after layer 3");
    stage.move([-2, 0, 0]);
    list.follow();
    const [row, other] = list.box.querySelectorAll(".lw-row");
    const words = (/** @type {Element} */ one) => one.querySelector(".lw-slider")?.ariaValueText;
    const { title } = /** @type {HTMLElement} */ (row.querySelector(".lw-name"));
    expect(title).toBe("age, , 1 σ is 0.25 of the norm after layer 3");
    expect(words(row)).toBe("age −2.0 σ, 0.5 of the norm after layer 3");
    expect(row.querySelector(".lw-number")?.getAttribute("title")).toMatch(/^0.5 of/);
    expect(words(other)).toBe("smile 0.0 σ, 0 of the norm after layer 3");
    expect(said[0].textContent).toBe("0.5 of the norm after layer 3");
  });

  it("draws a curve under its slider once its part is there, and says what is at the thumb", () => {
    const { list, state, parts, stage, full } = makeList();
    const point = { low: null, high: null, chance: null, damaged: false };
    const points = [-2, 0, 2].map((at) => ({ ...point, at, value: at / 2, words: `at ${at}` }));
    state._curves = {
      smile: { points, damage: [null, 2], cuts: true, doubt: "", words: "all", full: false },
    };
    list.followSettings();
    expect(list.box.querySelector(".lw-curve")).toBeNull();
    parts.curve = createCurve;
    stage.move([0, 1.5, 0]);
    list.follow();
    const curve = list.box.querySelector('[aria-label="smile"] .lw-curve');
    expect(list.box.querySelectorAll(".lw-curve")).toHaveLength(1);
    const slider = list.box.querySelector('[aria-label="smile"] .lw-slider');
    expect(slider?.ariaDescription).toBe("reads +1.7 σ, −1.5 σ. nearest: at 2");
    curve?.querySelector("button")?.click();
    expect(full).toHaveBeenCalledWith("smile", true);
    state._curves = {};
    list.followSettings();
    expect(curve).toMatchObject({ hidden: true });
    expect(slider?.ariaDescription).toBe("reads +1.7 σ, −1.5 σ");
  });

  it("goes back on 0, Delete and the button", () => {
    const { list, stage } = makeList();
    const range = /** @type {HTMLInputElement} */ (list.box.querySelector(".lw-slider"));
    for (const key of ["0", "Delete"]) {
      stage.move([2, 0, 0]);
      range.dispatchEvent(new KeyboardEvent("keydown", { key }));
      expect(stage.at).toEqual([0, 0, 0]);
    }
    stage.move([2, 0, 0]);
    /** @type {HTMLButtonElement | null} */ (list.box.querySelector(".lw-reset"))?.click();
    expect(stage.at).toEqual([0, 0, 0]);
  });
});
