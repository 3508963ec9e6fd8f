import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPainter } from "../../src/frames/painter.js";
import { makeKind } from "../model.js";

/** @type {AbortController} */
let view;
beforeEach(() => {
  view = new AbortController();
});
afterEach(() => view.abort());

/** A frame that is ready. @param {number} t @param {number} [seq] */
function frameAt(t, seq = 7) {
  const bitmap = { bytes: 1, close() {} };
  const frame = { route: "a", at: [t], lossless: true, draft: 0, strip: false, seq, ms: 0, bitmap };
  return /** @type {any} */ ({ ...frame, source: null, opening: null });
}

function makePainter() {
  /** @type {any} */
  let shown;
  /** @type {unknown[]} */
  const painted = [];
  const kind = makeKind();
  const paint = kind.paint;
  kind.paint = (element, opened) => {
    painted.push(opened);
    paint(element, opened);
  };
  const root = kind.create("lw-picture", view.signal);
  const choose = vi.fn(() => shown);
  const repaint = createPainter(root, kind, choose, (frame) => frame.seq > 5, view.signal);
  /** @param {any} frame to be shown from now on */
  async function show(frame) {
    shown = frame;
    repaint();
    await Promise.resolve();
  }
  return { root, painted, choose, repaint, show };
}

it("paints a frame once, and says on its element what it is", async () => {
  const { root, painted, repaint, show } = makePainter();
  const frame = frameAt(0.5);
  repaint();
  await show(frame);
  await show(frame);
  expect(painted).toEqual([frame.bitmap]);
  expect(root.dataset).toMatchObject({ lwValue: "0.5", lwExact: "true", lwSeq: "7" });
});

it("paints what is to be shown at the end, where it is asked several times at once", async () => {
  const { painted, choose, repaint, show } = makePainter();
  const [first, last] = [frameAt(0.1), frameAt(0.2)];
  const shown = show(first);
  repaint();
  await Promise.all([shown, show(last)]);
  expect(painted).toEqual([last.bitmap]);
  expect(choose, "one search for all of them").toHaveBeenCalledTimes(1);
});

it("keeps what is painted, and calls it exact no longer, where nothing is ready", async () => {
  const { root, painted, show } = makePainter();
  await show(frameAt(0.5));
  await show({ ...frameAt(0.6), bitmap: null });
  expect(painted).toHaveLength(1);
  expect(root.dataset).toMatchObject({ lwValue: "0.5", lwExact: "false", lwSeq: "7" });
  await show(undefined);
  expect(root.dataset.lwExact).toBe("false");
});

it("says anew what a frame is that was painted before", async () => {
  const { root, painted, show } = makePainter();
  const frame = frameAt(0.5, 3);
  await show(frame);
  expect(root.dataset.lwExact).toBe("false");
  await show({ ...frame, seq: 8 });
  expect(painted).toHaveLength(1);
  expect(root.dataset).toMatchObject({ lwExact: "true", lwSeq: "8" });
});

it("paints nothing once its view is gone", async () => {
  const { root, painted, show } = makePainter();
  const shown = show(frameAt(0.5));
  view.abort();
  await shown;
  expect(painted).toEqual([]);
  expect(root.dataset.lwValue).toBeUndefined();
});

it("writes coordinates as the widget calls them", async () => {
  const kind = makeKind();
  const root = kind.create("lw-picture", view.signal);
  const name = (/** @type {number[]} */ [age]) => ({ age });
  const repaint = createPainter(
    root,
    kind,
    () => frameAt(2),
    () => true,
    view.signal,
    name,
  );
  repaint();
  await Promise.resolve();
  expect(JSON.parse(root.dataset.lwValue ?? "")).toEqual({ age: 2 });
});
