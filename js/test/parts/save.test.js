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
  const [what, sizes] = panel.querySelectorAll("select");
  const width = /** @type {HTMLInputElement} */ (panel.querySelector("input"));
  const button = /** @type {HTMLButtonElement} */ (panel.querySelector("button"));
  const said = () => panel.querySelector("[role=status]")?.textContent;
  const open = async () => {
    await Promise.resolve();
    panel.dispatchEvent(new Event("toggle"));
  };
  const asked = () => model.sent.filter(({ type }) => type === "picture");
  return { model, canvas, what, sizes, width, button, said, open, asked };
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
    const { model, sizes, width, button, said, open, asked } = make("interpolator");
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
      expect(button.disabled).toBe(true);
      const { client, seq, route, at, width: told, of_map } = asked().at(-1);
      expect([told, at, of_map]).toEqual([wanted, [0.5], false]);
      const answer = { of: "picture", type: "picture", client, seq, route, png: "AAAA" };
      model.emit("msg:custom", { ...answer, size: [333, 1667] }, []);
      await vi.waitFor(() => expect(said()).toBe("Saved, 333 × 1,667 px."));
    }
    expect(names).toEqual(["interpolator.png", "interpolator.png", "interpolator.png"]);
    expect(button.disabled).toBe(false);
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
    expect(both.asked()[0]).toMatchObject({ of_map: true, width: 840 });
    const alone = make("latent-map", { _about: { draws: false } });
    await alone.open();
    expect([...alone.what.options].map(({ text }) => text)).toEqual(["Map"]);
    const grid = make("latent-grid", { _cells: { columns: { count: 6 } }, cell_size: 50 });
    await grid.open();
    expect(grid.sizes.options[0].text).toBe("1×, 300 px");
  });

  it("says what went wrong", async () => {
    const { model, button, said, open, asked } = make("interpolator");
    await open();
    button.click();
    const { client, seq, route } = asked()[0];
    const error = { of: "picture", type: "error", client, seq, route, message: "too high" };
    model.emit("msg:custom", error, []);
    await vi.waitFor(() => expect(said()).toBe("Not saved: too high"));
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
