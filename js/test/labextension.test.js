import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../../labextensions/latentwidgets/static/remoteEntry.js";

const WIDGET = "application/vnd.jupyter.widget-view+json";
const OURS = '<figure class="lw-saved">as saved</figure>';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What ipywidgets shows of an output. @param {(node: HTMLElement) => Promise<void>} render */
function makeRenderer(render) {
  const node = document.createElement("div");
  return {
    node,
    isDisposed: false,
    hasClass: (/** @type {string} */ name) => node.classList.contains(name),
    addWidget: (/** @type {{ node: Node }} */ one) => node.append(one.node),
    renderModel: (/** @type {unknown} */ _model) => render(node),
  };
}

/**
 * A notebook in an application that has loaded the extension.
 * @param {(node: HTMLElement) => Promise<void>} render
 */
async function open(render) {
  const factory = { safe: false, createRenderer: () => makeRenderer(render) };
  const factories = new Map([[WIDGET, factory]]);
  const rendermime = {
    getFactory: (/** @type {string} */ name) => factories.get(name),
    addFactory: vi.fn((one) => factories.set(WIDGET, one)),
    createRenderer: () => {
      const node = document.createElement("section");
      const show = async (/** @type {any} */ { data }) => {
        node.innerHTML = data["text/html"];
      };
      return { node, renderModel: show, dispose: () => node.remove() };
    },
  };
  const tracker = {
    forEach: (/** @type {Function} */ act) => act({ content: { rendermime } }),
    widgetAdded: { connect: vi.fn() },
  };
  const held = (/** @type {object} */ module) => ({ "1.0": { get: async () => () => module } });
  const tokens = { INotebookTracker: "notebooks", IJupyterWidgetRegistry: "widgets" };
  const container = /** @type {any} */ (globalThis)._JUPYTERLAB.latentwidgets;
  container.init({ "@jupyterlab/notebook": held(tokens), "@jupyter-widgets/base": held(tokens) });
  const { default: plugin } = (await container.get("./extension"))();
  expect(plugin).toMatchObject({ requires: ["notebooks"], optional: ["widgets"] });
  plugin.activate({}, tracker);
  expect(rendermime.addFactory).toHaveBeenCalledWith(expect.anything(), -10);
  return /** @type {ReturnType<typeof makeRenderer>} */ (
    /** @type {any} */ (factories.get(WIDGET)).createRenderer({})
  );
}

/** @param {HTMLElement} node */
async function gone(node) {
  node.textContent = "Error displaying widget: model not found";
  node.classList.add("jupyter-widgets");
}

describe("an output whose widget is gone", () => {
  it("shows what was saved in place of the error", async () => {
    const renderer = await open(gone);
    await renderer.renderModel({ data: { "text/html": OURS } });
    expect(renderer.node.textContent).toBe("as saved");
    await renderer.renderModel({ data: { "text/html": OURS } });
    expect(renderer.node.querySelectorAll("figure")).toHaveLength(1);
  });

  it("shows it where no kernel comes, until the widget does", async () => {
    let come = () => {};
    const waits = new Promise((done) => {
      come = () => done(undefined);
    });
    const renderer = await open(async (node) => {
      node.textContent = "Loading widget...";
      await waits;
      node.append(document.createElement("canvas"));
    });
    const done = renderer.renderModel({ data: { "text/html": OURS } });
    expect(renderer.node.textContent).toBe("Loading widget...");
    await vi.advanceTimersByTimeAsync(5000);
    expect(renderer.node.textContent).toBe("as saved");
    come();
    await done;
    expect(renderer.node.innerHTML).toBe("<canvas></canvas>");
  });

  it("leaves a widget that is there, and outputs of others, as they are", async () => {
    const live = await open(async (node) => void node.append(document.createElement("canvas")));
    await live.renderModel({ data: { "text/html": OURS } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(live.node.innerHTML).toBe("<canvas></canvas>");
    const other = await open(gone);
    await other.renderModel({ data: { "text/html": "<p>theirs</p>" } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(other.node.textContent).toBe("Error displaying widget: model not found");
  });
});
