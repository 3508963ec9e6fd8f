import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { decodeHere, loadParts } from "../../src/loader/parts.js";
import { makeModel } from "../model.js";

beforeEach(() => {
  vi.stubGlobal(
    "Blob",
    class {
      constructor(/** @type {string[]} */ [code]) {
        this.code = code;
      }
    },
  );
  vi.stubGlobal(
    "CSSStyleSheet",
    class {
      replaceSync() {}
    },
  );
  URL.createObjectURL = (/** @type {any} */ { code }) =>
    `data:text/javascript,${encodeURIComponent(code)}`;
  URL.revokeObjectURL = () => {};
});
afterEach(() => void vi.unstubAllGlobals());

/** A widget with one part, whose code comes when `send` is called. */
function make() {
  /** @type {(holder: any) => void} */
  let answer = () => {};
  const sent = new Promise((resolve) => {
    answer = resolve;
  });
  const model = makeModel({ _parts: { slow: "IPY_MODEL_slow" } });
  model.widget_manager = { get_model: () => sent };
  const stage = { changed: vi.fn(), fail: vi.fn() };
  /** @type {Record<string, any>} */
  const parts = {};
  const loaded = loadParts(model, parts, stage);
  const send = () => answer(makeModel({ js: "export default 'slow'", css: "" }));
  return { model, stage, parts, loaded, send };
}

it("a part that is sent while the first are on their way is loaded too", async () => {
  const { model, stage, parts, loaded, send } = make();
  model.set("_parts", { ...model.state._parts, search: "export default 'search'" });
  send();
  await loaded;
  expect(parts.slow).toBe("slow");
  await vi.waitFor(() => expect(stage.changed).toHaveBeenCalledOnce());
  expect(parts).toEqual({ slow: "slow", search: "search" });
  model.set("_parts", { ...model.state._parts, curve: "export default 'curve'" });
  await vi.waitFor(() => expect(stage.changed).toHaveBeenCalledTimes(2));
  expect(parts.curve).toBe("curve");
  expect(stage.fail).not.toHaveBeenCalled();
});

it("a part that cannot be loaded later is told, and the others stay", async () => {
  const { model, stage, parts, loaded, send } = make();
  send();
  await loaded;
  model.set("_parts", { ...model.state._parts, search: "throw new Error('half of the code')" });
  await vi.waitFor(() => expect(stage.fail).toHaveBeenCalledOnce());
  expect(stage.fail.mock.calls[0][0]).toContain("could not be loaded");
  expect(stage.fail.mock.calls[0][0]).toContain("half of the code");
  expect([parts, stage.changed.mock.calls]).toEqual([{ slow: "slow" }, []]);
});

/** @param {any} model */
function makePaged(model) {
  return { model, at: [0.25], mailbox: { where: "" }, changed: vi.fn(), fail: vi.fn() };
}

it.each(["auto", "page"])(
  "code of the page that fails leaves it to the kernel, and says so: %s",
  async (run) => {
    const model = makeModel({
      run,
      runs_in: "kernel",
      _page: "throw new Error('half of the code')",
    });
    const stage = makePaged(model);
    decodeHere(stage, new AbortController().signal);
    await vi.waitFor(() => expect(model.saved).toHaveLength(1));
    const why = "kernel: what decodes in the page could not be loaded: Error: half of the code";
    expect([model.saved[0].runs_in, stage.mailbox.where]).toEqual([why, `, by the ${why}`]);
    expect(stage.fail).toHaveBeenCalledTimes(run === "page" ? 1 : 0);
    expect(stage.changed).toHaveBeenCalledTimes(run === "page" ? 0 : 1);
  },
);

it("what decodes in the page is told where the widget was before its code was here", async () => {
  const begin = vi.fn();
  vi.stubGlobal("begin", begin);
  const model = makeModel({ _page: "export default (...given) => globalThis.begin(...given)" });
  const stage = makePaged(model);
  const { signal } = new AbortController();
  decodeHere(stage, signal);
  stage.at = [0.5];
  await vi.waitFor(() => expect(begin).toHaveBeenCalledOnce());
  expect(begin).toHaveBeenCalledWith(stage, model.state._page, [0.25], signal);
});
