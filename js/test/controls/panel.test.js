import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPanel } from "../../src/controls/panel.js";
import { element } from "../../src/dom/element.js";
import { makeModel } from "../model.js";

const ABOUT = { text: "Save…", title: "", name: "lw-save", home: ".lw-tools" };
const CODE = `export default (word, signal) => {
  const made = document.createElement("p");
  made.textContent = word;
  signal.dispatchEvent(new Event("made"));
  return made;
}`;

beforeEach(() => {
  const of = (/** @type {string} */ code) => `data:text/javascript,${encodeURIComponent(code)}`;
  URL.createObjectURL = () => of(CODE);
  URL.revokeObjectURL = () => {};
  Element.prototype.scrollIntoView = () => {};
  vi.stubGlobal(
    "CSSStyleSheet",
    class {
      replaceSync() {}
    },
  );
});
afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(Element.prototype, "scrollIntoView");
});

function make() {
  const { signal } = new AbortController();
  let made = 0;
  signal.addEventListener("made", () => {
    made += 1;
  });
  const model = /** @type {any} */ (makeModel({ _saver: CODE }));
  const button = createPanel(model, "_saver", ABOUT, ["here", signal], signal);
  const tools = element("div", { class: "lw-tools" }, [button]);
  document.body.append(tools);
  const shown = () =>
    vi.waitFor(() => {
      const found = /** @type {HTMLElement} */ (tools.querySelector(".lw-save"));
      expect(found.hidden).toBe(false);
      return found;
    });
  return { button, tools, shown, made: () => made };
}

describe("a panel", () => {
  it("is closed by Escape, which gives the focus back", async () => {
    const { button, shown } = make();
    button.click();
    const panel = await shown();
    expect([panel.textContent, button.ariaExpanded]).toEqual(["here", "true"]);
    panel.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect([panel.hidden, button.ariaExpanded]).toEqual([true, "false"]);
    expect(document.activeElement).toBe(button);
  });

  it("is made once and open after two clicks of who waits for it", async () => {
    const { button, shown, made } = make();
    button.click();
    button.click();
    const panel = await shown();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([made(), panel.hidden, button.ariaExpanded]).toEqual([1, false, "true"]);
    button.click();
    expect([made(), panel.hidden, button.ariaExpanded]).toEqual([1, true, "false"]);
  });
});
