import { beforeEach, describe, expect, it, vi } from "vitest";
import { leave, peek, press, resized, seen, show, turn } from "./shown.js";

/** @param {HTMLElement} root @param {number} width */
function resize(root, width) {
  Object.defineProperty(root, "clientWidth", { value: width, configurable: true });
  resized();
}

describe("the parts of an explorer", () => {
  it("stand in two columns, each under its title", async () => {
    const { root } = show();
    await turn();
    const columns = [...root.querySelectorAll(".lw-column")].map((column) =>
      [...column.querySelectorAll("section")].map((part) => [
        part.getAttribute("aria-label"),
        part.querySelector(".lw-body > div:not(.lw-shown, .lw-selection)")?.textContent,
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
    expect(root.querySelector(".lw-part-map .lw-body > div")?.textContent).toBe("widget m");
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
    leave();
    await turn();
    expect(model.sent).toEqual([]);
  });
});

describe("a file that is dragged over an explorer", () => {
  const SAVER = `
    export const takeFiles = (root) => (root.dataset.lwTakesFiles = "");
    export const takeFile = ([file], take) => take(file.name);`;
  const FILE = { types: ["Files"], files: [new File(["{}"], "found.json")] };
  /** @param {Element} target @param {string} type @param {object} dataTransfer */
  function drag(target, type, dataTransfer) {
    const event = new Event(type, { bubbles: true, cancelable: true });
    target.dispatchEvent(Object.assign(event, { dataTransfer }));
    return event.defaultPrevented;
  }
  const NAMES = ["dragenter", "dragover", "drop"];
  beforeEach(() => {
    URL.createObjectURL = () => `data:text/javascript,${encodeURIComponent(SAVER)}`;
    URL.revokeObjectURL = () => {};
    vi.stubGlobal(
      "CSSStyleSheet",
      class {
        replaceSync() {}
      },
    );
  });

  it("never opens in the page, and is taken in though what takes files is not there yet", async () => {
    const { model, root } = show({ _saver: SAVER });
    await turn();
    const applied = () => model.sent.filter(({ type }) => type === "apply");
    expect(NAMES.map((name) => drag(root, name, FILE))).toEqual([true, true, true]);
    expect(root.dataset.lwTakesFiles).toBeUndefined();
    await vi.waitFor(() => expect(applied()).toEqual([{ type: "apply", data: "found.json" }]));
    drag(root, "drop", FILE); // which is for what takes files from now on
    await turn();
    expect(applied()).toHaveLength(1);
  });

  it("is left alone where it is a text, which drops into fields", () => {
    const { root } = show({ _saver: SAVER });
    const text = { types: ["text/plain"], files: [] };
    expect(NAMES.map((name) => drag(root, name, text))).toEqual([false, false, false]);
  });

  it("is said to be not taken where that cannot be loaded", async () => {
    URL.createObjectURL = () => "data:text/javascript,throw new Error('lost')";
    const { root } = show({ _saver: "lost" });
    drag(root, "drop", FILE);
    const said = () => root.querySelector("[role=status]")?.textContent;
    await vi.waitFor(() => expect(said()).toContain("What takes files could not be loaded"));
  });
});

describe("the one picture of an explorer", () => {
  it("is that of the sliders, where there are any", async () => {
    const { root } = show();
    await turn();
    expect(root.querySelectorAll(".lw-looks > .lw-look")).toHaveLength(4);
    expect(root.querySelector(".lw-part .lw-look")).toBeNull();
    expect(seen(root)).toEqual(["e"]);
  });

  it("is that of a part which shows something else, until that of the sliders is there", async () => {
    const { root } = show();
    await turn();
    vi.useFakeTimers();
    const picture = /** @type {HTMLElement} */ (root.querySelector("[data-ref=e] canvas"));
    peek(root, "g", true);
    expect(seen(root)).toEqual(["g"]);
    peek(root, "g", false);
    picture.dataset.lwExact = "false"; // the kernel has taken another latent for the base
    vi.advanceTimersByTime(1000);
    expect(seen(root)).toEqual(["g"]);
    picture.dataset.lwExact = "true";
    vi.advanceTimersByTime(50);
    expect(seen(root)).toEqual(["e"]);
  });

  it("does not wait for ever", async () => {
    const { root } = show();
    await turn();
    vi.useFakeTimers();
    const picture = /** @type {HTMLElement} */ (root.querySelector("[data-ref=e] canvas"));
    peek(root, "m", true);
    picture.dataset.lwExact = "false";
    peek(root, "m", false);
    vi.advanceTimersByTime(2100);
    expect(seen(root)).toEqual(["e"]);
  });

  it("is that of the sliders where the person turns to them, or clicks what they looked at", async () => {
    const { root } = show();
    await turn();
    vi.useFakeTimers();
    for (const [part, event] of [
      ["editor", new Event("pointerdown", { bubbles: true })],
      ["grid", new Event("click", { bubbles: true })],
    ]) {
      peek(root, "g", true);
      root
        .querySelector(`.lw-part-${part} .lw-body > div`)
        ?.dispatchEvent(/** @type {Event} */ (event));
      vi.advanceTimersByTime(200);
      expect(seen(root)).toEqual(["e"]);
    }
  });

  it("is edited where the path was led to", async () => {
    const { model, root } = show();
    await turn();
    peek(root, "p", true);
    expect(seen(root)).toEqual(["p"]);
    expect(model.sent).toEqual([{ type: "shown" }]);
    peek(root, "p", false);
    await turn();
    expect(model.sent.at(-1)).toEqual({ type: "walk", at: 0.75 });
    peek(root, "g", false);
    await turn();
    expect(model.sent).toHaveLength(2);
  });

  it("is that of the part which was used last, where there are no sliders", async () => {
    const { root } = show({ editor: null });
    await turn();
    vi.useFakeTimers();
    expect(seen(root)).toEqual(["m"]);
    const body = root.querySelector(".lw-part-grid .lw-body > div:last-child");
    body?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    vi.advanceTimersByTime(200);
    expect(seen(root)).toEqual(["g"]);
  });

  it("is that of the part which was used last, where no part changes what another shows", async () => {
    const { root } = show({}, undefined, true);
    await turn();
    vi.useFakeTimers();
    expect(seen(root)).toEqual(["e"]);
    const body = root.querySelector(".lw-part-grid .lw-body");
    for (const type of ["pointerdown", "click"]) {
      body?.dispatchEvent(new Event(type, { bubbles: true }));
    }
    vi.advanceTimersByTime(3000);
    expect(seen(root)).toEqual(["g"]);
    press(/** @type {Element} */ (root.querySelector(".lw-part-editor .lw-body")), { key: "End" });
    vi.advanceTimersByTime(3000);
    expect(seen(root)).toEqual(["e"]);
  });

  it("is that of the tab which is open there, and the part is marked", async () => {
    const { root, button } = show({ _arranged: { chosen: "path" } }, undefined, true);
    const marked = () =>
      [...root.querySelectorAll("[aria-current=true]")].map(({ textContent }) => textContent);
    resize(root, 420);
    await turn();
    expect(seen(root)).toEqual(["p"]);
    vi.useFakeTimers();
    const tabs = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[role=tab]")]);
    tabs[1].click();
    vi.advanceTimersByTime(200);
    expect(seen(root)).toEqual(["g"]);
    expect(marked()).toEqual(["Grid", "Grid"]); // its tab and its heading
    press(tabs[1], { key: "ArrowLeft" });
    vi.advanceTimersByTime(200);
    expect(seen(root)).toEqual(["m"]);
    resize(root, 900);
    button("Directions").click(); // closes that part, and turns to none
    vi.advanceTimersByTime(200);
    expect([seen(root), marked()]).toEqual([["m"], ["Map", "Map"]]);
  });

  it("is of no part above others where these are linked, or there is one", async () => {
    for (const [more, apart] of [
      [{}, false],
      [{ map: null, grid: null, path: null }, true],
    ]) {
      const { root } = show(/** @type {any} */ (more), undefined, /** @type {boolean} */ (apart));
      resize(root, 420);
      await turn();
      /** @type {HTMLElement} */ (root.querySelector("[role=tab]")).click();
      vi.useFakeTimers();
      vi.advanceTimersByTime(200);
      vi.useRealTimers();
      expect(seen(root)).toEqual(["e"]);
      expect(root.querySelector("[aria-current=true]")).toBeNull();
      root.remove();
    }
  });
});

describe("the layout of an explorer", () => {
  /** @param {HTMLElement} root */
  const open = (root) =>
    [...root.querySelectorAll("section")]
      .filter((one) => !one.hidden && !one.querySelector(".lw-body")?.hasAttribute("hidden"))
      .map((one) => one.ariaLabel);

  it("opens and closes parts where there are columns", () => {
    const { root } = show();
    expect(open(root)).toEqual(["Map", "Grid", "Directions", "Path"]);
    const [, head] = root.querySelectorAll(".lw-fold");
    expect(head.ariaExpanded).toBe("true");
    /** @type {HTMLElement} */ (head).click();
    expect(head.ariaExpanded).toBe("false");
    expect(open(root)).toEqual(["Map", "Directions", "Path"]);
    /** @type {HTMLElement} */ (head).click();
    expect(open(root)).toHaveLength(4);
  });

  it("shows one part at a time under tabs where there is less room", () => {
    const { root } = show();
    resize(root, 420);
    expect(root.dataset.lwLayout).toBe("tabs");
    expect(open(root)).toEqual(["Directions"]);
    const tabs = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[role=tab]")]);
    expect(tabs.map((tab) => [tab.textContent, tab.ariaSelected, tab.tabIndex])).toEqual([
      ["Map", "false", -1],
      ["Grid", "false", -1],
      ["Directions", "true", 0],
      ["Path", "false", -1],
    ]);
    tabs[0].click();
    expect(open(root)).toEqual(["Map"]);
    for (const [key, title] of [
      ["ArrowLeft", "Path"],
      ["ArrowRight", "Map"],
      ["ArrowRight", "Grid"],
      ["End", "Path"],
      ["Home", "Map"],
    ]) {
      press(tabs[0], { key });
      expect(open(root)).toEqual([title]);
      expect(document.activeElement?.textContent).toBe(title);
    }
    resize(root, 820); // too little to go back to columns
    expect(root.dataset.lwLayout).toBe("tabs");
    resize(root, 840);
    expect(open(root)).toHaveLength(4);
    resize(root, 0); // behind another tab of the notebook
    expect(root.dataset.lwLayout).toBe("columns");
  });

  it("gives a column more of the width by keys", () => {
    const { root } = show();
    const bar = /** @type {HTMLElement} */ (root.querySelector("[role=separator]"));
    expect(bar.ariaValueNow).toBe("50");
    press(bar, { key: "ArrowRight" });
    expect(bar.ariaValueNow).toBe("52");
    press(bar, { key: "Home" });
    const { style } = /** @type {HTMLElement} */ (root.querySelector(".lw-parts"));
    expect([style.getPropertyValue("--lw-first"), style.getPropertyValue("--lw-second")]).toEqual([
      "25fr",
      "75fr",
    ]);
    bar.dispatchEvent(new Event("dblclick"));
    expect(bar.ariaValueNow).toBe("50");
    expect(press(bar, { key: "a" })).toBe(false);
  });
});

describe("how a person has laid an explorer out", () => {
  it("is kept with the explorer, and there again when the page is loaded anew", () => {
    const first = show();
    const laid = () => /** @type {any} */ (first.model.state)._arranged;
    expect(laid()).toBeUndefined(); // nobody has touched it
    /** @type {HTMLElement} */ (first.root.querySelector(".lw-part-path .lw-fold")).click();
    expect(laid()).toEqual({ closed: ["path"] });
    const splitter = /** @type {HTMLElement} */ (first.root.querySelector(".lw-splitter"));
    press(splitter, { key: "ArrowRight" });
    expect(laid()).toEqual({ closed: ["path"], share: 52 });
    const tab = [...first.root.querySelectorAll("[role=tab]")].find(
      ({ textContent }) => textContent === "Grid",
    );
    /** @type {HTMLElement} */ (tab).click();
    expect(laid()).toEqual({ closed: ["path"], share: 52, chosen: "grid" });

    const again = show({ _arranged: laid() });
    const body = (/** @type {string} */ name) =>
      /** @type {HTMLElement} */ (again.root.querySelector(`.lw-part-${name} .lw-body`));
    expect([body("path").hidden, body("grid").hidden]).toEqual([true, false]);
    expect(again.root.querySelector(".lw-splitter")?.ariaValueNow).toBe("52");
    const chosen = again.root.querySelector("[role=tab][tabindex='0']");
    expect(chosen?.textContent).toBe("Grid");
    again.model.set("_arranged", { closed: ["map"] }); // in another view
    expect([body("path").hidden, body("map").hidden]).toEqual([false, true]);
    expect(again.root.querySelector(".lw-splitter")?.ariaValueNow).toBe("50");
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

  it("leaves the keys alone where there is no kernel", () => {
    const { model, root } = show({ _steps: {} }, undefined, true);
    expect(press(root, { key: "z", ctrlKey: true })).toBe(false);
    expect(model.sent).toEqual([]);
  });

  it("is marked as what only a kernel can do, and so is all that is done with a selection", () => {
    const { root, button } = show({ _bookmarks: ["one"] });
    const isMarked = (/** @type {Element | null} */ one) => one?.closest('[data-lw-kernel=""]');
    const asks = ["Undo", "Redo", "Bookmark", "Add axes", "one", "×", "Make slider", "Compare…"];
    for (const name of asks) expect(isMarked(button(name)), name).not.toBeNull();
    for (const name of ["Full screen", "Grid"]) expect(isMarked(button(name)), name).toBeNull();
    expect(isMarked(root.querySelector(".lw-shown"))).not.toBeNull();
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
