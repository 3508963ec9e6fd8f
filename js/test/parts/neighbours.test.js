import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import createNeighbours from "../../src/parts/neighbours.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeKind, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const FOUND = {
  type: "neighbours",
  neighbours: [
    { row: 7, distance: 0, label: "<b>owl</b>", whole: "<b>owl</b> 0.4286", mime: "image/png" },
    { row: 3, distance: 1.23456, label: "", whole: "", mime: "image/png" },
  ],
  chance: 4.5,
  searched: 1234,
  goes: true,
};

function makeView() {
  const model = makeModel({
    _conditions: [],
    _route: "a",
    frame_memory: 64,
    strip_length: 2,
  });
  const { signal } = new AbortController();
  let at = [0];
  const write = (/** @type {number[]} */ told) => {
    at = told;
  };
  const control = { read: () => at, write, strips: () => [] };
  const kind = makeKind();
  const opened = { bytes: 1, close: vi.fn() };
  kind.open = async () => opened;
  const stage = new Stage(model, signal, control, kind, makeStore());
  stage.see({}, true);
  const view = createNeighbours(stage, signal);
  const asked = () => model.sent.filter(({ type }) => type === "neighbours");
  const idle = () => vi.advanceTimersByTimeAsync(300);
  /** The kernel answers all that was asked. @param {object} [more] */
  async function answerAll(more = {}) {
    for (const question of model.sent.splice(0)) {
      const { type: of, client, seq, route } = question;
      if (of === "neighbours") {
        const bytes = FOUND.neighbours.map(() => new DataView(new ArrayBuffer(8)));
        model.emit("msg:custom", { of, client, seq, route, ...FOUND, ...more }, bytes);
      } else if (of !== "stop" && of !== "visit") answer(model, question);
      await vi.advanceTimersByTimeAsync(0);
    }
  }
  const cells = () =>
    /** @type {HTMLElement[]} */ ([...view.root.querySelectorAll("[data-lw-row]")]);
  return { model, stage, view, asked, idle, answerAll, cells, opened };
}

/** A view that is open, and what was found. */
async function makeOpen(more = {}) {
  const made = makeView();
  await made.answerAll();
  made.view.toggle();
  await made.idle();
  await made.answerAll(more);
  return made;
}

describe("the nearest data", () => {
  it("are asked for where somebody wants to see them, and again after a move", async () => {
    const { stage, view, asked, idle, answerAll, opened } = makeView();
    await answerAll();
    await idle();
    expect(asked()).toEqual([]);
    expect(view.toggle()).toBe(true);
    await idle();
    expect(asked()).toMatchObject([{ at: [0] }]);
    await answerAll();
    stage.move([0.5], { rest: true });
    await answerAll();
    await idle();
    expect(asked()).toMatchObject([{ at: [0.5] }]);
    await answerAll();
    expect(opened.close, "the pictures of the first are let go").toHaveBeenCalledTimes(2);
    expect(view.toggle()).toBe(false);
    stage.move([0.6], { rest: true });
    await idle();
    expect(asked()).toEqual([]);
  });

  it("are shown with distance and label as text, beside what chance gives", async () => {
    const { view, cells } = await makeOpen();
    expect(cells().map(({ textContent }) => textContent)).toEqual(["<b>owl</b>0", "#31.23"]);
    expect(cells()[1].title).toBe("Go to latent 3, distance 1.23");
    expect(view.root.querySelectorAll(".lw-cell")).toHaveLength(2);
    expect(view.root.textContent).toContain("one of all 1,234 at random: 4.5");
  });

  it("have the label as the kernel says it, with all digits on hover", async () => {
    const [one, other] = FOUND.neighbours;
    const version = { ...other, label: "1.10", whole: "1.10" };
    const { cells } = await makeOpen({ neighbours: [one, version] });
    expect(cells().map(({ textContent }) => textContent)).toEqual(["<b>owl</b>0", "1.101.23"]);
    expect(cells().map(({ title }) => title)).toEqual([
      "Go to latent 7, <b>owl</b> 0.4286, distance 0",
      "Go to latent 3, 1.10, distance 1.23",
    ]);
  });

  it("let all pictures go where one of them cannot be opened, and say why", async () => {
    const { stage, view, idle, answerAll, opened, cells } = await makeOpen();
    expect(cells()).toHaveLength(2);
    const { open } = stage.kind;
    const slow = { bytes: 1, close: vi.fn() };
    let count = 0;
    stage.kind.open = async () => {
      count += 1;
      if (count % 2) throw new Error("no picture");
      await new Promise((resolve) => setTimeout(resolve, 50));
      return /** @type {any} */ (slow);
    };
    stage.move([0.5], { rest: true });
    await answerAll();
    await idle();
    await answerAll();
    await vi.advanceTimersByTimeAsync(60);
    expect(view.root.textContent).toContain("no picture");
    expect(cells()).toEqual([]);
    expect(slow.close, "the one that was opened").toHaveBeenCalledTimes(1);
    expect(opened.close, "those that were shown before").toHaveBeenCalledTimes(2);
    stage.kind.open = open;
    stage.move([0.6], { rest: true });
    await answerAll();
    await idle();
    await answerAll();
    expect(cells()).toHaveLength(2);
  });

  it("are gone to by a click, where the widget can", async () => {
    const { model, stage, cells } = await makeOpen();
    cells()[1].click();
    const [question] = model.sent.filter(({ type }) => type === "visit");
    expect(question).toMatchObject({ route: "a", row: 3 });
    const { client, seq } = question;
    const refused = { type: "error", of: "visit", client, seq, route: "a", message: "not there" };
    model.emit("msg:custom", refused, []);
    await vi.advanceTimersByTimeAsync(0);
    expect(stage.error).toBe("not there");
  });

  it("are no buttons where it cannot", async () => {
    const { view, cells } = await makeOpen({ goes: false });
    expect(cells()).toHaveLength(2);
    expect(view.root.querySelector("button")).toBeNull();
  });

  it("say so where there are none, or something went wrong", async () => {
    const none = await makeOpen({ neighbours: [], searched: 0 });
    expect(none.view.root.textContent).toBe("No data.");
    const wrong = await makeOpen({ type: "error", message: "bad data" });
    expect(wrong.view.root.textContent).toContain("bad data");
    await wrong.idle();
    expect(wrong.asked()).toEqual([]);
  });
});
