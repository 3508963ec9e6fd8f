import { describe, expect, it, onTestFinished } from "vitest";
import { element } from "../../src/dom/element.js";
import { press, show, turn } from "./shown.js";

describe("what is selected in an explorer", () => {
  it("can be named, compared and made a slider", () => {
    const { model, root, button } = show();
    const name = /** @type {HTMLInputElement} */ (root.querySelector(".lw-called"));
    expect(button("Make slider").disabled).toBe(true);
    expect(root.querySelector(".lw-selection-said")?.textContent).toContain("lasso");
    press(name, { key: "Enter" });
    expect(model.sent).toEqual([]);
    model.set("_selection", { count: 1239, first: 0, said: "" });
    name.value = "loops";
    press(name, { key: "Enter" });
    expect(name.value).toBe("");
    name.value = "rings";
    button("Add label").click();
    button("Compare…").click();
    expect(model.sent).toEqual([
      { type: "slider", name: "loops" },
      { type: "name", name: "rings" },
      { type: "compare" },
    ]);
    model.set("_selection", { count: 0, first: 1239, said: "<b>well</b>" });
    expect(root.querySelector(".lw-selection")?.textContent).toContain(
      "A: 1,239. Select others as B.",
    );
    expect(root.querySelector(".lw-selection-said")?.textContent).toBe("<b>well</b>");
    model.set("_selection", { count: 7, first: 1239, said: "" });
    expect(root.querySelector(".lw-selection")?.textContent).toContain("A: 1,239. B: 7.");
    button("Make slider A to B").click();
    button("Forget A").click();
    expect(model.sent.slice(3)).toEqual([{ type: "slider", name: "" }, { type: "forget" }]);
  });

  it("is counted beside its name, also where the grid shows others", () => {
    const { model, root } = show();
    const bar = /** @type {HTMLElement} */ (root.querySelector(".lw-selection"));
    const said = bar.querySelector(".lw-chosen-of");
    expect(bar.classList).not.toContain("lw-in-use");
    model.set("_selection", { count: 1239, first: 0, said: "" });
    expect(said?.textContent).toBe("1,239 selected");
    expect(bar.classList).toContain("lw-in-use");
    const choices = [
      ["some", "64 of 9,000"],
      ["selected", "1,239 selected"],
    ];
    model.set("_shown", { choices, at: "selected", odd: false, other: "oddest selected" });
    expect(said?.textContent).toBe("1,239 selected");
    model.set("_shown", { choices, at: "some", odd: false, other: "oddest" });
    expect(said?.textContent).toBe("1,239 selected; the grid shows others");
    model.set("_selection", { count: 0, first: 0, said: "" });
    expect(said?.textContent).toBe("");
    expect(bar.classList).not.toContain("lw-in-use");
  });

  it("takes its name at once where the mouse has drawn round it, and only there", async () => {
    const { model, root, button } = show();
    await turn();
    const ground = element("div", { tabindex: -1 });
    root.querySelector(".lw-part-map .lw-body > div")?.append(ground);
    const name = /** @type {HTMLInputElement} */ (root.querySelector(".lw-called"));
    const enclose = (/** @type {number} */ detail) =>
      ground.dispatchEvent(new CustomEvent("lw-lasso", { bubbles: true, detail }));
    const select = (/** @type {number} */ count) =>
      model.set("_selection", { count, first: 0, said: "" });
    ground.focus();
    select(5);
    expect(document.activeElement, "by keys or in Python").toBe(ground);
    select(0);
    enclose(7);
    expect(document.activeElement, "before the kernel knows of them").toBe(name);
    expect(name.disabled).toBe(false);
    expect(root.querySelector(".lw-chosen-of")?.textContent).toBe("7 selected");
    expect(button("Make slider").disabled, "of what the kernel does not know").toBe(true);
    model.set("_note", "One moment");
    expect(document.activeElement).toBe(name);
    name.value = "loops";
    select(7);
    expect(document.activeElement).toBe(name);
    expect(name.value).toBe("loops");
    expect(button("Make slider").disabled).toBe(false);
    press(name, { key: "Escape" });
    expect(document.activeElement).toBe(ground);
    enclose(7);
    expect(document.activeElement, "as many others").toBe(name);
    press(name, { key: "Escape" });
    enclose(8);
    root.dispatchEvent(new Event("pointerdown"));
    ground.focus();
    select(8);
    expect(document.activeElement, "something else was begun").toBe(ground);
    ground.blur();
    enclose(9);
    expect(document.activeElement, "the person is elsewhere").toBe(document.body);
  });

  it("becomes a slider as the kernel knows of it, where Enter came sooner", async () => {
    const { model, root } = show();
    await turn();
    const name = /** @type {HTMLInputElement} */ (root.querySelector(".lw-called"));
    const enclose = (/** @type {number} */ detail) =>
      root.dispatchEvent(new CustomEvent("lw-lasso", { detail }));
    const select = (/** @type {number} */ count) =>
      model.set("_selection", { count, first: 0, said: "" });
    select(5);
    model.sent.length = 0;
    root.focus();
    enclose(7);
    name.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    name.value = "loops";
    press(name, { key: "Enter" });
    expect(model.sent, "the five are still selected there").toEqual([]);
    select(7);
    expect(model.sent).toEqual([{ type: "slider", name: "loops" }]);
    expect(name.value).toBe("");
    enclose(9);
    name.value = "hooks";
    press(name, { key: "Enter" });
    root.dispatchEvent(new Event("pointerdown"));
    expect(root.querySelector(".lw-chosen-of")?.textContent).toBe("9 selected");
    select(9);
    expect(model.sent.at(-1), "though something else was begun").toEqual({
      type: "slider",
      name: "hooks",
    });
    enclose(8);
    name.value = "rings";
    press(name, { key: "Enter" });
    press(name, { key: "Escape" });
    select(8);
    expect(model.sent, "taken back").toHaveLength(2);
    expect(name.value).toBe("rings");
  });

  it("is what the map has by now, where the kernel refused some of it or a key dropped it", async () => {
    const { model, root, button } = show();
    await turn();
    const name = /** @type {HTMLInputElement} */ (root.querySelector(".lw-called"));
    const tell = (/** @type {string} */ type, /** @type {number} */ detail) =>
      root.dispatchEvent(new CustomEvent(type, { detail }));
    const select = (/** @type {number} */ count) =>
      model.set("_selection", { count, first: 0, said: "" });
    const said = () => root.querySelector(".lw-chosen-of")?.textContent;
    select(5);
    model.sent.length = 0;
    tell("lw-selected", 6);
    expect(said(), "nothing was drawn round").toBe("5 selected");
    root.focus();
    tell("lw-lasso", 7);
    press(name, { key: "Enter" });
    tell("lw-lasso", 8);
    select(7);
    expect(button("Make slider").disabled, "an answer to the lasso before").toBe(true);
    tell("lw-selected", 6);
    expect(said()).toBe("6 selected");
    expect(button("Make slider").disabled).toBe(true);
    select(6);
    expect(button("Make slider").disabled).toBe(false);
    tell("lw-lasso", 9);
    press(name, { key: "Enter" });
    tell("lw-selected", 6);
    expect(said(), "the kernel took it back, and has nothing new to say").toBe("6 selected");
    expect(button("Make slider").disabled).toBe(false);
    tell("lw-lasso", 9);
    tell("lw-selected", 0);
    expect(button("Make slider").disabled, "dropped before the kernel heard of it").toBe(false);
    expect(model.sent, "what Enter was pressed for is gone").toEqual([]);
  });

  it("is undone by keys while its name is empty", () => {
    const { model, root } = show();
    const name = /** @type {HTMLInputElement} */ (root.querySelector(".lw-called"));
    expect(press(name, { key: "z", ctrlKey: true })).toBe(true);
    name.value = "mine";
    expect(press(name, { key: "z", ctrlKey: true })).toBe(false);
    expect(model.sent).toEqual([{ type: "undo" }]);
  });

  it("opens the sliders as one is made, where they were closed", () => {
    const { model, root, button } = show({ _arranged: { closed: ["editor", "path"] } });
    const body = (/** @type {string} */ name) =>
      /** @type {HTMLElement} */ (root.querySelector(`.lw-part-${name} .lw-body`));
    expect(body("editor").hidden).toBe(true);
    model.set("_selection", { count: 12, first: 0, said: "" });
    button("Make slider").click();
    expect(body("editor").hidden).toBe(false);
    expect(body("path").hidden, "nobody asked for it").toBe(true);
    expect(model.state._arranged).toEqual({ closed: ["path"], chosen: "editor" });
  });

  it("opens the sliders as axes are added, and keeps that in one step", () => {
    const { model, root, button } = show({ _arranged: { closed: ["editor"], chosen: "path" } });
    /** @type {unknown[]} */
    const kept = [];
    model.on("change:_arranged", () => kept.push(model.get("_arranged")));
    button("Add axes").click();
    expect(kept).toEqual([{ closed: [], chosen: "editor" }]);
    const body = /** @type {HTMLElement} */ (root.querySelector(".lw-part-editor .lw-body"));
    expect(body.hidden).toBe(false);
  });

  it("is offered by the menu of the grid, which stays open while nothing changes", () => {
    const choices = [
      ["some", "64 of 90"],
      ["selected", "7 selected"],
    ];
    const { model, root } = show({ _shown: { choices, at: "some" } });
    const menu = /** @type {HTMLSelectElement} */ (root.querySelector(".lw-shown select"));
    const [first] = menu.options;
    model.set("_note", "One moment");
    expect(menu.options[0]).toBe(first);
    /** @type {Element[]} */
    const scrolled = [];
    Element.prototype.scrollIntoView = function () {
      scrolled.push(this);
    };
    onTestFinished(() => void Reflect.deleteProperty(Element.prototype, "scrollIntoView"));
    menu.value = "selected";
    menu.dispatchEvent(new Event("change"));
    expect(model.sent).toEqual([{ type: "show", name: "selected" }]);
    expect(scrolled, "the cells of before are still there").toEqual([]);
    model.set("_shown", { choices, at: "selected" });
    expect(scrolled, "what it shows is brought into sight").toEqual([menu.closest(".lw-body")]);
    model.set("_shown", { choices: [...choices, ["", "other cells"]], at: "" });
    expect(scrolled, "somebody else chose these").toHaveLength(1);
    expect(menu.selectedOptions[0].textContent).toBe("other cells");
  });

  it("is shown with the odd ones first, and as before, by a button", () => {
    const odd = [["oddest", "all 90"]];
    Element.prototype.scrollIntoView = () => {};
    onTestFinished(() => void Reflect.deleteProperty(Element.prototype, "scrollIntoView"));
    const { model, root, button } = show({
      _shown: { choices: [["some", "64 of 90"]], at: "some", odd: false, other: "oddest" },
    });
    expect(button("Outliers first").ariaPressed).toBe("false");
    button("Outliers first").click();
    model.set("_shown", { choices: odd, at: "oddest", odd: true, other: "some" });
    expect(button("Outliers first").ariaPressed).toBe("true");
    const menu = /** @type {HTMLSelectElement} */ (root.querySelector(".lw-shown select"));
    expect(menu.selectedOptions[0].textContent).toBe("all 90");
    button("Outliers first").click();
    expect(model.sent).toEqual([
      { type: "show", name: "oddest" },
      { type: "show", name: "some" },
    ]);
  });

  it("has no bar where there are no sliders", () => {
    expect(show({ editor: null }).root.querySelector(".lw-selection")).toBeNull();
  });
});
