import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import explorer from "../../src/latent_explorer/index.js";
import { makeModel } from "../model.js";

/** @type {AbortController} */
let view;
beforeEach(() => {
  view = new AbortController();
});
afterEach(() => {
  view.abort();
  document.body.replaceChildren();
});

/** A page's turn to do what waits. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

/**
 * An explorer on a page, whose parts write their names.
 * @param {Record<string, unknown>} [more] state
 * @param {(ref: string) => Promise<void>} [draw] what a part does before it is shown
 */
function show(more = {}, draw = async () => {}) {
  const parts = { map: "m", grid: "g", editor: "e", path: "p" };
  const about = { _steps: { undo: true, redo: false }, _bookmarks: [], _note: "" };
  const model = makeModel({ ...parts, ...about, ...more });
  const host = {
    getWidget: async (/** @type {string} */ ref) => ({
      async render(/** @type {{ el: HTMLElement }} */ { el }) {
        await draw(ref);
        el.textContent = `widget ${ref}`;
      },
    }),
  };
  const el = document.createElement("div");
  document.body.append(el);
  explorer.render({ model, el, host, signal: view.signal });
  const root = /** @type {HTMLElement} */ (el.firstElementChild);
  /** @param {string} text */
  const button = (text) =>
    /** @type {HTMLButtonElement} */ (
      [...root.querySelectorAll("button")].find((one) => one.textContent === text)
    );
  return { model, root, button };
}

/** @param {Element} target @param {KeyboardEventInit} init */
function press(target, init) {
  const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}

describe("the parts of an explorer", () => {
  it("stand in two columns, each under its title", async () => {
    const { root } = show();
    await turn();
    const columns = [...root.querySelectorAll(".lw-column")].map((column) =>
      [...column.querySelectorAll("section")].map((part) => [
        part.getAttribute("aria-label"),
        part.querySelector(".lw-body")?.textContent,
      ]),
    );
    expect(columns).toEqual([
      [
        ["Map", "widget m"],
        ["Grid", "widget g"],
      ],
      [
        ["Directions", "widget e"],
        ["Path", "widget p"],
      ],
    ]);
  });

  it("leave no gap where one is not there", () => {
    const { root } = show({ map: null, grid: null });
    expect(root.querySelectorAll(".lw-column")).toHaveLength(1);
    expect([...root.querySelectorAll("h4")].map((title) => title.textContent)).toEqual([
      "Directions",
      "Path",
    ]);
  });

  it("leave the others alone where one fails, and say so as text", async () => {
    const { root } = show({}, async (ref) => {
      if (ref === "g") throw new Error("<b>no WebGL</b>");
    });
    await turn();
    const [alert] = root.querySelectorAll("[role=alert]");
    expect(alert.textContent).toContain("<b>no WebGL</b>");
    expect(root.querySelector("b")).toBeNull();
    expect(root.querySelector(".lw-part-map .lw-body")?.textContent).toBe("widget m");
  });

  it("are told of to the kernel when all are shown, those that failed too", async () => {
    let finish = () => {};
    const { model } = show({}, (ref) => {
      if (ref === "g") return Promise.reject(new Error("no"));
      if (ref === "p") return new Promise((resolve) => (finish = resolve));
      return Promise.resolve();
    });
    await turn();
    expect(model.sent).toEqual([]);
    finish();
    await turn();
    expect(model.sent).toEqual([{ type: "shown" }]);
  });

  it("are not told of where the view is gone by then", async () => {
    const { model } = show();
    view.abort();
    await turn();
    expect(model.sent).toEqual([]);
  });
});

describe("the history of an explorer", () => {
  it("asks the kernel, and offers what there is to undo and redo", () => {
    const { model, button } = show({ _bookmarks: ["one"] });
    expect(button("Redo").disabled).toBe(true);
    button("Undo").click();
    button("Redo").click(); // which does nothing
    button("Bookmark").click();
    button("one").click();
    button("×").click();
    expect(model.sent).toEqual([
      { type: "undo" },
      { type: "bookmark" },
      { type: "open", name: "one" },
      { type: "remove", name: "one" },
    ]);
    model.set("_steps", { undo: false, redo: true });
    expect([button("Undo").disabled, button("Redo").disabled]).toEqual([true, false]);
  });

  it("undoes and redoes by keys, but not where somebody types", () => {
    const { model, root } = show();
    const [text, range] = ["text", "range"].map((type) => {
      const input = document.createElement("input");
      input.type = type;
      root.append(input);
      return input;
    });
    expect(press(text, { key: "z", ctrlKey: true })).toBe(false);
    expect(press(root, { key: "z" })).toBe(false);
    expect(model.sent).toEqual([]);
    expect(press(root, { key: "z", ctrlKey: true })).toBe(true);
    expect(press(range, { key: "Z", metaKey: true, shiftKey: true })).toBe(true);
    expect(model.sent).toEqual([{ type: "undo" }, { type: "redo" }]);
  });

  it("shows names as their characters, and keeps buttons of names that stay as they are", () => {
    const { model, root, button } = show({ _bookmarks: ["<i>a</i>"] });
    expect(root.querySelector("i")).toBeNull();
    const first = button("<i>a</i>");
    model.set("_note", "One moment");
    expect(root.querySelector("[role=status]")?.textContent).toBe("One moment");
    expect(button("<i>a</i>")).toBe(first);
    model.set("_bookmarks", ["b"]);
    expect(button("b").title).toBe("Go back to b");
    expect(root.contains(first)).toBe(false);
  });

  it("goes on hearing keys where the button in hand can be pressed no more", () => {
    const { model, root, button } = show({ _bookmarks: ["one"] });
    button("Undo").focus();
    model.set("_steps", { undo: false, redo: true });
    expect(document.activeElement).toBe(root);
    button("×").focus();
    model.set("_bookmarks", []);
    expect(document.activeElement).toBe(root);
  });

  it("says where the kernel cannot be reached", () => {
    const { model, root, button } = show();
    model.send = vi.fn(() => {
      throw new Error("Cannot send");
    });
    button("Undo").click();
    expect(root.querySelector("[role=status]")?.textContent).toContain("could not be reached");
  });
});
