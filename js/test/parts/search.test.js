import { describe, expect, it } from "vitest";
import { foundRows } from "../../src/latent_map/found.js";
import createSearch from "../../src/parts/search.js";
import { makeModel } from "../model.js";

/** @param {number[]} rows as they come: at any place in the bytes of a message */
function bytes(...rows) {
  const all = new Uint8Array(4 * rows.length + 3);
  all.set(new Uint8Array(Uint32Array.from(rows).buffer), 3);
  return new DataView(all.buffer, 3);
}

function make() {
  const model = makeModel({ search: "", _searched: true, _found: {} });
  /** @type {(number | number[])[]} */
  const done = [];
  const view = new AbortController();
  const box = createSearch(
    /** @type {any} */ (model),
    foundRows,
    (row) => done.push(row),
    (rows) => done.push([...rows]),
    view.signal,
  );
  const input = /** @type {HTMLInputElement} */ (box.querySelector("input"));
  const said = () => box.querySelector("[role=status]")?.textContent;
  const pick = /** @type {HTMLButtonElement} */ (box.querySelector("button"));
  return { model, box, done, input, said, pick, view };
}

/** @param {HTMLInputElement} input @param {string} text */
function type(input, text) {
  input.value = text;
  input.dispatchEvent(new Event("input"));
}

/** @param {HTMLInputElement} input @param {string} key @param {boolean} [shiftKey] */
function press(input, key, shiftKey = false) {
  input.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey }));
}

describe("the search of a map", () => {
  it("says how many were found once the kernel has answered about this text", () => {
    const { model, input, said, pick } = make();
    expect([said(), pick.disabled]).toEqual(["", true]);
    type(input, "cat");
    expect(model.saved.at(-1)?.search).toBe("cat");
    expect(said()).toBe("…");
    model.set("_found", { text: "ca", rows: bytes(1, 2, 3) });
    expect(said()).toBe("…");
    model.set("_found", { text: "cat", rows: bytes(2, 70_000) });
    expect([said(), pick.disabled]).toEqual(["2 found", false]);
    type(input, "catt");
    model.set("_found", { text: "catt", rows: bytes() });
    expect([said(), pick.disabled]).toEqual(["0 found", true]);
  });

  it("goes from one to the next, and round; all can be selected", () => {
    const { model, input, said, pick, done } = make();
    press(input, "Enter");
    expect(done).toEqual([]);
    type(input, "cat");
    model.set("_found", { text: "cat", rows: bytes(5, 9, 70_000) });
    for (const shift of [false, false, false, false, true]) press(input, "Enter", shift);
    expect(done).toEqual([5, 9, 70_000, 5, 70_000]);
    expect(said()).toBe("3 of 3");
    pick.click();
    expect(done.at(-1)).toEqual([5, 9, 70_000]);
    press(input, "Escape");
    expect([input.value, model.state.search, said()]).toEqual(["", "", ""]);
  });

  it("takes Enter before the kernel has answered, for this text and no other", () => {
    const { model, input, said, done } = make();
    type(input, "cat");
    press(input, "Enter");
    press(input, "Enter");
    model.set("_found", { text: "ca", rows: bytes(1, 2, 3) });
    expect(done).toEqual([]);
    model.set("_found", { text: "cat", rows: bytes(5, 9, 70_000) });
    expect([done, said()]).toEqual([[5, 9], "2 of 3"]);
    type(input, "dog");
    press(input, "Enter", true);
    type(input, "doge");
    model.set("_found", { text: "dog", rows: bytes(7) });
    model.set("_found", { text: "doge", rows: bytes(8) });
    expect([done, said()]).toEqual([[5, 9], "1 found"]);
    type(input, "owl");
    press(input, "Enter");
    model.set("_found", { text: "owl", rows: bytes() });
    type(input, "");
    expect(done).toEqual([5, 9]);
  });

  it("takes no Enter in a view that is closed before the kernel has answered", () => {
    const { model, input, done, view } = make();
    type(input, "cat");
    press(input, "Enter");
    view.abort();
    model.set("_found", { text: "cat", rows: bytes(5, 9) });
    expect(done).toEqual([]);
  });

  it("is there only where there are texts, and follows the kernel", () => {
    const { model, box, input } = make();
    model.set("search", "owl");
    expect(input.value).toBe("owl");
    model.set("_searched", false);
    expect(box.hidden).toBe(true);
  });
});
