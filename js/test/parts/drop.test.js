import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { element } from "../../src/dom/element.js";
import { images } from "../../src/frames/images.js";
import { takeFiles, takeRecipes } from "../../src/parts/save.js";
import { Stage } from "../../src/stage/stage.js";
import { makeModel, makeStore } from "../model.js";

/** @type {AbortController} */
let view;
beforeEach(() => {
  view = new AbortController();
});
afterEach(() => {
  view.abort();
  document.body.replaceChildren();
});

const RECIPE = new File(['{"recipe": 1}'], "found.json", { type: "application/json" });
const IN_BASE64 = "eyJyZWNpcGUiOiAxfQ==";

/** @param {string} [around] the class of what the widget is in */
function make(around = "cell") {
  const state = { _route: "a", _conditions: [], _about: { draws: true }, value: 0.5 };
  const model = makeModel({ ...state, size: 288, frame_memory: 64, strip_length: 2 });
  const control = { read: () => [0.5], write: () => {}, strips: () => [] };
  const stage = new Stage(/** @type {any} */ (model), view.signal, control, images, makeStore());
  const child = element("canvas");
  const root = element("div", { class: "lw-root" }, [child]);
  document.body.replaceChildren(element("div", { class: around }, [root]));
  takeRecipes(stage, root, view.signal);
  const asked = () => model.sent.filter(({ type }) => type === "recipe");
  /** @param {object} more */
  const answer = (more) => {
    const { client, seq, route } = asked().at(-1);
    model.emit("msg:custom", { of: "recipe", type: "recipe", client, seq, route, ...more }, []);
  };
  return { model, stage, root, child, asked, answer };
}

/**
 * @param {Element} target
 * @param {string} type
 * @param {File[]} [files]
 * @param {string[]} [types]
 * @param {object} [more]
 */
function drag(target, type, files = [], types = ["Files"], more = {}) {
  const event = new Event(type, { bubbles: true, cancelable: true });
  target.dispatchEvent(Object.assign(event, { dataTransfer: { files, types }, ...more }));
  return event.defaultPrevented;
}

describe("a file that is dropped on a widget", () => {
  it("is sent to the kernel in base64, and all is well once that has taken it", async () => {
    const { stage, child, root, asked, answer } = make();
    stage.fail("something else");
    expect(drag(child, "dragenter")).toBe(true);
    expect(drag(child, "dragover")).toBe(true);
    expect(root.className).toBe("lw-root lw-dropping");
    expect(drag(child, "drop", [RECIPE])).toBe(true);
    expect(root.className).toBe("lw-root");
    await vi.waitFor(() => expect(asked()).toHaveLength(1));
    expect(asked()[0]).toMatchObject({ route: "a", data: IN_BASE64 });
    answer({});
    await vi.waitFor(() => expect(stage.error).toBe(""));
  });

  it("says why the kernel does not take it, and that what is shown has changed", async () => {
    const { stage, model, root, asked, answer } = make();
    drag(root, "drop", [RECIPE]);
    await vi.waitFor(() => expect(asked()).toHaveLength(1));
    answer({ type: "error", message: "this recipe is for another space" });
    await vi.waitFor(() => expect(stage.error).toBe("this recipe is for another space"));
    drag(root, "drop", [RECIPE]);
    await vi.waitFor(() => expect(asked()).toHaveLength(2));
    model.set("_route", "b");
    answer({ type: "stale" });
    await vi.waitFor(() => expect(stage.error).toMatch("Drop it again"));
    model.send = () => {
      throw new Error("gone");
    };
    drag(root, "drop", [RECIPE]);
    await vi.waitFor(() => expect(stage.error).toBe("The kernel did not answer."));
  });

  it("is one file, and none that is too large for a message", async () => {
    const { stage, root, asked } = make();
    drag(root, "drop", [RECIPE, RECIPE]);
    await vi.waitFor(() => expect(stage.error).toBe("Drop one file."));
    const large = new File([new Uint8Array(6_000_001)], "a page.html");
    drag(root, "drop", [large]);
    await vi.waitFor(() => expect(stage.error).toMatch("a page.html has 6 MB; a file of at most"));
    expect(stage.error).toMatch('widget.apply(lw.load("a page.html"))');
    expect(asked()).toEqual([]);
  });

  it("is nothing else that is dragged, and shows where it is", () => {
    const { root, child } = make();
    for (const type of ["dragenter", "dragover", "drop"])
      expect(drag(child, type, [], ["text/plain"])).toBe(false);
    expect(root.className).toBe("lw-root");
    drag(child, "dragenter");
    drag(child, "dragleave", [], ["Files"], { relatedTarget: root });
    expect(root.className).toBe("lw-root lw-dropping");
    drag(child, "dragleave", [], ["Files"], { relatedTarget: null });
    expect(root.className).toBe("lw-root");
  });

  it("is left to the explorer that the widget is in", () => {
    const { child, asked } = make("lw-root");
    expect(drag(child, "drop", [RECIPE])).toBe(false);
    expect(asked()).toEqual([]);
  });

  it("is handed on by what takes none of a widget", async () => {
    const root = element("div");
    document.body.replaceChildren(root);
    /** @type {string[]} */
    const taken = [];
    const take = () =>
      takeFiles(
        root,
        (data) => void taken.push(data),
        () => {},
        view.signal,
      );
    take();
    take(); // as something is dragged there once more
    drag(root, "drop", [RECIPE]);
    await vi.waitFor(() => expect(taken).toEqual([IN_BASE64]));
    view.abort();
    expect(drag(root, "drop", [RECIPE])).toBe(false);
  });
});
