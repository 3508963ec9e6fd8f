import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { element } from "../../src/dom/element.js";
import { images } from "../../src/frames/images.js";
import createSaver from "../../src/parts/save.js";
import { Stage } from "../../src/stage/stage.js";
import { makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** @param {string} kind @param {Record<string, any>} [state] */
function make(kind, state = {}) {
  const model = makeModel({
    ...{ _route: "a", _conditions: [], _about: { draws: true }, value: 0.5 },
    ...{ size: 288, height: 420, frame_memory: 64, strip_length: 2, ...state },
  });
  const { signal } = new AbortController();
  const control = { read: () => [0.5], write: () => {}, strips: () => [] };
  const stage = new Stage(/** @type {any} */ (model), signal, control, images, makeStore());
  const canvas = element("canvas", { class: "lw-picture", width: 8, height: 4 });
  const panel = element("div", {}, [createSaver(stage, kind, signal)]);
  document.body.replaceChildren(element("div", { class: "lw-root" }, [canvas, panel]));
  const [what, moves, length, sizes] = panel.querySelectorAll("select");
  const inputs = panel.querySelectorAll("input");
  const [captions, width] = /** @type {NodeListOf<HTMLInputElement>} */ (inputs);
  const button = /** @type {HTMLButtonElement} */ (panel.querySelector("button"));
  const said = () => panel.querySelector("[role=status]")?.textContent;
  const open = async () => {
    await Promise.resolve();
    panel.dispatchEvent(new Event("toggle"));
  };
  const asked = () => model.sent.filter(({ type }) => type === "file");
  /** Answer what was asked last. @param {object} more @param {DataView[]} [buffers] */
  const answer = (more, buffers = []) => {
    const { client, seq, route } = asked().at(-1);
    const about = { of: "file", type: "file", client, seq, route };
    model.emit("msg:custom", { ...about, ...more }, buffers);
  };
  const menu = { what, moves, length, captions, sizes, width, button };
  return { model, stage, canvas, ...menu, said, open, asked, answer };
}

/** @param {HTMLSelectElement} menu @param {string} value */
function choose(menu, value) {
  menu.value = value;
  expect(menu.value).toBe(value);
  menu.dispatchEvent(new Event("change"));
}

/** Names of files that are downloaded, and how large they are. */
function downloads() {
  /** @type {string[]} */
  const names = [];
  URL.createObjectURL = () => "blob:here";
  URL.revokeObjectURL = () => {};
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(
    /** @this {HTMLAnchorElement} */ function () {
      names.push(this.download);
    },
  );
  return names;
}

describe("the menu that saves pictures", () => {
  it("asks the kernel for a picture of a chosen width, and downloads it", async () => {
    const names = downloads();
    const { sizes, width, button, said, open, asked, answer } = make("interpolator");
    await open();
    const texts = [...sizes.options].map(({ text }) => text);
    expect(texts).toEqual([
      ...["1×, 288 px", "2×, 576 px", "4×, 1,152 px", "pixels as decoded", "own width…"],
    ]);
    expect(sizes.value).toBe("576");
    for (const [size, own, wanted] of [
      ["1152", "", 1152],
      ["decoded", "", null],
      ["own", "333", 333],
    ]) {
      choose(sizes, String(size));
      expect(width.closest("label")?.hidden).toBe(size !== "own");
      width.value = String(own);
      button.click();
      expect(button.ariaDisabled).toBe("true");
      const before = asked().length;
      button.click(); // once more, for who is impatient
      expect(asked().length).toBe(before);
      const { at, width: told, form, along } = asked().at(-1);
      expect([told, at, form, along]).toEqual([wanted, [0.5], "picture", null]);
      answer({ size: [333, 1667] }, [new DataView(new ArrayBuffer(1234))]);
      const words = "Saved interpolator.png: 333 × 1,667 px, 1.2 kB.";
      await vi.waitFor(() => expect(said()).toBe(words));
    }
    expect(names).toEqual(["interpolator.png", "interpolator.png", "interpolator.png"]);
    expect(button.ariaDisabled).toBe("false");
  });

  it("says what is no width, and asks nothing", async () => {
    const { sizes, width, button, said, open, asked } = make("interpolator");
    await open();
    choose(sizes, "own");
    for (const bad of ["", "0", "16385", "1.5"]) {
      width.value = bad;
      button.click();
      expect(said()).toMatch(/from 1 to 16,384/);
    }
    expect(asked()).toEqual([]);
  });

  it("offers the map beside the picture, and alone where nothing is drawn", async () => {
    const both = make("latent-map");
    await both.open();
    expect([...both.what.options].map(({ text }) => text)).toEqual(["Picture", "Map"]);
    choose(both.what, "map");
    expect(both.sizes.options[0].text).toBe("1×, 420 px");
    both.button.click();
    expect(both.asked()[0]).toMatchObject({ form: "map", width: 840 });
    const alone = make("latent-map", { _about: { draws: false } });
    await alone.open();
    expect([...alone.what.options].map(({ text }) => text)).toEqual(["Map"]);
    const grid = make("latent-grid", { _cells: { columns: { count: 6 } }, cell_size: 50 });
    await grid.open();
    expect(grid.sizes.options[0].text).toBe("1×, 300 px");
  });

  it("says what went wrong", async () => {
    const { button, said, open, answer } = make("interpolator");
    await open();
    button.click();
    answer({ type: "error", message: "too high" });
    await vi.waitFor(() => expect(said()).toBe("Not saved: too high"));
  });

  it("saves a film or a page where there is a path, and says what it is while it is made", async () => {
    const names = downloads();
    const { what, moves, sizes, button, said, open, asked, answer } = make("interpolator");
    await open();
    const texts = [...what.options].map(({ text }) => text);
    expect(texts).toEqual(["Picture", "Film, GIF", "Film, WebP", "Film, APNG", "Page, HTML"]);
    choose(what, "gif");
    expect(moves.closest("label")?.hidden).toBe(true); // a path has no directions
    expect([button.textContent, sizes.value]).toEqual(["Save GIF", "288"]);
    expect(said()).toMatch(/^3 s from end to end/);
    button.click();
    expect(said()).toBe("Decoding the film…");
    const busy = button.closest("[role=group]")?.ariaBusy;
    expect([button.textContent, busy]).toEqual(["Cancel", "true"]);
    choose(what, "page"); // meanwhile
    expect([button.textContent, said()]).toEqual(["Cancel", "Decoding the film…"]);
    expect(asked().at(-1)).toMatchObject({ form: "gif", width: 288, along: null });
    answer({ size: [288, 288] }, [new DataView(new ArrayBuffer(2_500_000))]);
    const words = "Saved interpolator.gif: 288 × 288 px, 2.5 MB.";
    await vi.waitFor(() => expect(said()).toBe(words));
    expect([button.textContent, button.ariaDisabled]).toEqual(["Save page", "false"]);
    expect(sizes.closest("label")?.hidden).toBe(true);
    button.click();
    expect(asked().at(-1)).toMatchObject({ form: "page", width: null });
    answer({ size: null }, [new DataView(new ArrayBuffer(12))]);
    await vi.waitFor(() => expect(said()).toBe("Saved interpolator.html: 12 bytes."));
    expect(names).toEqual(["interpolator.gif", "interpolator.html"]);
  });

  it("has a film as long as is chosen, with captions where they are", async () => {
    const { what, length, captions, sizes, width, button, said, open, asked } =
      make("interpolator");
    await open();
    const fields = [length, captions].map((one) => one.closest("label"));
    expect(fields.map((one) => one?.hidden)).toEqual([true, true]);
    choose(what, "webp");
    expect(fields.map((one) => one?.hidden)).toEqual([false, false]);
    expect(fields.map((one) => one?.textContent)).toEqual(["Length1 s2 s3 s5 s10 s", " Captions"]);
    expect([length.value, captions.checked]).toEqual(["3", false]);
    choose(length, "10");
    captions.click();
    expect(said()).toBe("10 s from end to end, and back.");
    // 398 frames of 820 x 410 pixels are as many as there may be.
    expect([...sizes.options].map(({ value }) => value)).toEqual(["288", "576", "decoded", "own"]);
    expect(width.max).toBe("820");
    button.click();
    expect(asked()[0]).toMatchObject({ form: "webp", seconds: 10, captions: true });
  });

  it("cancels a film or a page while it is made, and makes another one then", async () => {
    const names = downloads();
    const { model, what, button, said, open, asked, answer } = make("interpolator");
    const stops = () => model.sent.filter(({ type }) => type === "stop");
    await open();
    for (const form of ["gif", "page"]) {
      choose(what, form);
      const before = button.title;
      button.click();
      const first = asked().at(-1);
      expect([button.textContent, button.ariaDisabled]).toEqual(["Cancel", "false"]);
      expect(button.title).toBe("Stop making it: nothing is saved");
      button.dispatchEvent(new MouseEvent("click", { detail: 2 })); // twice, for who is impatient
      expect(button.textContent).toBe("Cancel");
      button.click();
      await vi.waitFor(() => expect(said()).toBe("Cancelled: nothing is saved."));
      expect(stops().at(-1)).toMatchObject({ client: first.client, route: "a" });
      expect([button.textContent, button.title]).toEqual([
        form === "gif" ? "Save GIF" : "Save page",
        before,
      ]);
      expect(button.closest("[role=group]")?.ariaBusy).toBe("false");
      answer({ size: null }, [new DataView(new ArrayBuffer(12))]); // it was on its way
      button.click();
      expect(asked().at(-1).seq).toBeGreaterThan(first.seq);
      expect(names.length).toBe(form === "gif" ? 0 : 1);
      answer({ size: null }, [new DataView(new ArrayBuffer(12))]);
      await vi.waitFor(() => expect(said()).toMatch(/^Saved/));
    }
    expect(names).toEqual(["interpolator.gif", "interpolator.html"]);
    expect([stops().length, asked().length]).toEqual([2, 4]);
  });

  it("films an edit, or one direction over its limits, and says why there is no film", async () => {
    const rows = { _rows: [{ name: "smile" }, { name: "age" }], _origin: [0.5], value: 0.5 };
    const { stage, what, moves, button, said, open, asked } = make("direction-editor", rows);
    await open();
    expect(moves.closest("label")?.hidden).toBe(true);
    choose(what, "webp");
    expect(moves.closest("label")?.hidden).toBe(false);
    expect(said()).toMatch(/^Nothing is edited/);
    expect(button.ariaDisabled).toBe("true");
    button.click();
    expect(asked()).toEqual([]);
    choose(moves, "age");
    const words = "3 s from limit to limit, and back.";
    expect([button.ariaDisabled, said()]).toEqual(["false", words]);
    button.click();
    expect(asked().at(-1)).toMatchObject({ form: "webp", along: "age" });
    const other = make("direction-editor", rows);
    await other.open();
    choose(other.what, "gif");
    other.stage.move([0.8]);
    expect([other.button.ariaDisabled, other.said()]).toEqual([
      "false",
      "3 s from the base to the edit, and back.",
    ]);
    expect(stage.at).toEqual([0.5]);
  });

  it("keeps a size that was picked, whatever moves and in whatever form", async () => {
    const rows = { _rows: [{ name: "smile" }, { name: "age" }], _origin: [0.5], value: 0.5 };
    const { what, moves, sizes, width, button, open, asked } = make("direction-editor", rows);
    await open();
    choose(what, "gif");
    expect(sizes.value).toBe("288");
    choose(sizes, "own");
    width.value = "333";
    choose(moves, "age");
    expect([sizes.value, width.value]).toEqual(["own", "333"]);
    choose(what, "webp");
    expect([sizes.value, width.value]).toEqual(["own", "333"]);
    await open();
    expect([moves.value, sizes.value]).toEqual(["age", "own"]);
    button.click();
    expect(asked()[0]).toMatchObject({ form: "webp", along: "age", width: 333 });
  });

  it("offers of a film only what fits one, and keeps what is picked where it is offered", async () => {
    const { canvas, what, sizes, width, button, said, open, asked } = make("interpolator");
    Object.assign(canvas, { width: 2000, height: 2000 });
    await open();
    choose(sizes, "1152");
    choose(what, "gif");
    expect([...sizes.options].map(({ value }) => value)).toEqual(["288", "576", "own"]);
    expect([sizes.value, width.max]).toEqual(["288", "1066"]);
    choose(what, "picture");
    expect(sizes.value).toBe("1152");
    choose(what, "gif");
    choose(sizes, "own");
    width.value = "1067";
    button.click();
    expect([said(), asked().length]).toEqual(["A width is a whole number from 1 to 1,066.", 0]);
    Object.assign(canvas, { width: 64, height: 36 });
    await open();
    expect(width.max, "1,422 × 800 is too much").toBe("1421");
    Object.assign(canvas, { width: 2000, height: 1000 });
    await open();
    expect([...sizes.options].map(({ value }) => value)).toEqual(["288", "576", "1152", "own"]);
    width.value = "1508";
    button.click();
    expect(asked()[0]).toMatchObject({ form: "gif", width: 1508 });
  });

  it("films the direction of that name, whatever directions come meanwhile", async () => {
    const rows = { _rows: [{ name: "smile" }, { name: "age" }], _origin: [0.5], value: 0.5 };
    const { model, what, moves, button, said, open, asked } = make("direction-editor", rows);
    await open();
    choose(what, "gif");
    choose(moves, "age");
    model.set("_rows", [{ name: "new" }, { name: "smile" }, { name: "age" }]);
    const texts = [...moves.options].map(({ text }) => text);
    expect(texts).toEqual(["all that is edited", "only new", "only smile", "only age"]);
    expect(moves.value).toBe("age");
    button.click();
    expect(asked()[0].along).toBe("age");
    const other = make("direction-editor", rows);
    await other.open();
    choose(other.what, "gif");
    choose(other.moves, "age");
    other.model.set("_rows", [{ name: "smile" }]);
    expect(other.moves.value).toBe("");
    expect(other.said()).toMatch(/^Nothing is edited/);
    expect(said()).toBe("Decoding the film…");
  });

  it("says that a page cannot hold so many cells", async () => {
    const cells = { _cells: { columns: { count: 50 }, count: 5000 }, cell_size: 50 };
    const { what, button, said, open, asked } = make("latent-grid", cells);
    await open();
    expect(button.ariaDisabled).toBe("false");
    choose(what, "page");
    expect(said()).toBe("5,000 cells are too many for a page: it holds 4,096.");
    expect(button.ariaDisabled).toBe("true");
    button.click();
    expect(asked()).toEqual([]);
  });

  it("offers no film of what has no way to go, and no page of a map", async () => {
    const grid = make("latent-grid", { _cells: { columns: { count: 6 } }, cell_size: 50 });
    await grid.open();
    expect([...grid.what.options].map(({ text }) => text)).toEqual(["All cells", "Page, HTML"]);
    const chart = make("latent-map");
    await chart.open();
    expect([...chart.what.options].map(({ value }) => value)).toEqual(["picture", "map"]);
  });

  it("says that a film is not there where no kernel answers", async () => {
    const names = downloads();
    const { model, what, button, said, open } = make("interpolator");
    model.send = () => {
      throw new Error("no kernel");
    };
    await open();
    choose(what, "gif");
    button.click();
    await vi.waitFor(() => expect(said()).toBe("Not saved: the kernel did not answer."));
    expect(names).toEqual([]);
  });

  it("saves what the page shows where no kernel answers", async () => {
    const names = downloads();
    const { model, button, said, open } = make("interpolator");
    model.send = () => {
      throw new Error("no kernel");
    };
    const context = { drawImage: vi.fn(), imageSmoothingEnabled: true };
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(
      /** @type {any} */ (context),
    );
    vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((done) => done(new Blob()));
    await open();
    button.click();
    await vi.waitFor(() => expect(said()).toMatch(/^Saved as the page shows it, 576 × 288 px/));
    expect(context.drawImage.mock.calls[0].slice(1)).toEqual([0, 0, 576, 288]);
    expect(context.imageSmoothingEnabled).toBe(false);
    expect(names).toEqual(["interpolator.png"]);
  });
});
