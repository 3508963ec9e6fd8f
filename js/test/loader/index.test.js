import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import loader from "../../src/loader/index.js";

const CODE = `export default {
  async initialize({ model }) { model.begun = true; await model.begins; },
  render({ el }) { el.textContent = "shown"; },
};`;

describe("a widget whose code is elsewhere", () => {
  beforeEach(() => {
    const data = (/** @type {string[]} */ [js]) => `data:text/javascript,${encodeURIComponent(js)}`;
    vi.stubGlobal("Blob", function Text(/** @type {string[]} */ parts) {
      return parts;
    });
    vi.stubGlobal(
      "CSSStyleSheet",
      class {
        replaceSync() {}
      },
    );
    URL.createObjectURL = /** @type {any} */ (data);
    URL.revokeObjectURL = () => {};
    Object.defineProperty(document, "adoptedStyleSheets", { value: [], configurable: true });
  });

  afterEach(() => vi.unstubAllGlobals());

  /** @param {Promise<void>} begins @param {string} [code] */
  function made(begins, code = CODE) {
    const widget = loader();
    const model = { begins, begun: false, get: () => code };
    const closed = new AbortController();
    const started = widget.initialize({ model, signal: closed.signal });
    const view = (signal = new AbortController().signal) => {
      const el = document.createElement("div");
      return { el, rendered: widget.render({ model, el, signal }) };
    };
    return { widget, model, closed, started, view };
  }

  it("is there at once, however long it takes to begin: views wait for it", async () => {
    let begin = () => {};
    const { started, view } = made(
      new Promise((resolve) => {
        begin = resolve;
      }),
    );
    expect(started, "nothing that somebody may lose patience with").toBe(undefined);
    const { el, rendered } = view();
    const gone = new AbortController();
    const left = view(gone.signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(el.textContent).toBe("");
    gone.abort();
    begin();
    await rendered;
    await left.rendered;
    expect(el.textContent).toBe("shown");
    expect(left.el.textContent, "of a view that is gone by then").toBe("");
    expect(document.adoptedStyleSheets).toHaveLength(1);
  });

  it("does not begin once it is closed: nobody would end what it starts", async () => {
    const open = made(Promise.resolve());
    await open.widget.begun();
    expect(open.model.begun).toBe(true);
    const { widget, model, closed } = made(Promise.resolve());
    closed.abort();
    await widget.begun();
    expect(model.begun).toBe(false);
  });

  it("tells of what fails in each view", async () => {
    const { view } = made(Promise.reject(new Error("no code today")));
    await expect(view().rendered).rejects.toThrow("no code today");
    await expect(view().rendered).rejects.toThrow("no code today");
  });
});
