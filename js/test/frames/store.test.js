import { describe, expect, it } from "vitest";
import { distance, FrameStore } from "../../src/frames/store.js";

const SIDE = 10;
const READY = SIDE * SIDE * 4;

/** A store whose pictures are 10 x 10, and a list of those that were closed. */
function makeStore(limit = 1e9) {
  /** @type {unknown[]} */
  const closed = [];
  const open = async () => {
    const bitmap = { width: SIDE, height: SIDE, close: () => closed.push(bitmap) };
    return /** @type {ImageBitmap} */ (/** @type {unknown} */ (bitmap));
  };
  return { store: new FrameStore(limit, open), closed };
}

/**
 * @param {number} t
 * @param {Partial<import("../../src/frames/store.js").StoredFrame>} [more]
 */
function frame(t, more = {}) {
  const source = new Blob([new Uint8Array(100)]);
  return {
    route: "a",
    at: [t],
    lossless: true,
    draft: 0,
    strip: true,
    seq: 1,
    ms: 0,
    source,
    ...more,
  };
}

describe("distance", () => {
  it("is the largest difference", () => {
    expect(distance([0, 1], [0.25, 0.5])).toBe(0.5);
  });
});

describe("FrameStore", () => {
  it("shows a lossy frame until the lossless one is ready", async () => {
    const { store, closed } = makeStore();
    await store.ready(store.put(frame(0.5, { lossless: false })));
    const better = store.put(frame(0.5, { strip: false }));
    expect(store.nearest("a", [0.5])).toMatchObject({ lossless: false });
    expect(store.nearest("a", [0.5])?.bitmap).not.toBeNull();
    await store.ready(better);
    expect(store.get("a", [0.5])).toBe(better);
    expect(better.strip).toBe(true);
    expect(closed).toHaveLength(1);
    expect(store.size).toBe(100 + READY);
  });

  it("keeps the best of drafts, and of all the frame that is none", async () => {
    const { store } = makeStore();
    const draft = (/** @type {number} */ number) => frame(0.5, { lossless: false, draft: number });
    const shown = () => store.get("a", [0.5]);
    await store.ready(store.put(draft(2)));
    expect(store.put(draft(1))).toBe(shown());
    const [fourth, third] = [store.put(draft(4)), store.put(draft(3))];
    expect(shown()).toMatchObject({ draft: 2 });
    await store.ready(fourth);
    await store.ready(third); // which was opened later
    expect(shown()).toBe(fourth);
    await store.ready(store.put(frame(0.5, { lossless: false })));
    expect(shown()).toMatchObject({ draft: 0, lossless: false });
    store.put(draft(9));
    expect(shown()).toMatchObject({ draft: 0 });
    await store.ready(store.put(frame(0.5)));
    expect(shown()).toMatchObject({ draft: 0, lossless: true });
  });

  it("has pixels ready at once, holds them once, and gives them up whole", async () => {
    const { store } = makeStore(1000);
    const pixels = (/** @type {number} */ t) => {
      const source = /** @type {any} */ ({ data: new Uint8Array(400), width: SIDE, height: SIDE });
      return store.put(frame(t, { source }));
    };
    const first = pixels(0);
    expect(first.bitmap).toBe(first.source);
    expect(store.size).toBe(400);
    pixels(0.5);
    pixels(1);
    expect(store.size).toBe(800);
    expect(store.get("a", [0])).toBeUndefined();
    expect(store.get("a", [0.5])?.bitmap).not.toBeNull();
  });

  it("drops a picture that cannot be opened", async () => {
    const store = new FrameStore(1e9, () => Promise.reject(new Error("no picture")));
    await expect(store.ready(store.put(frame(0)))).rejects.toThrow("no picture");
    expect(store.nearest("a", [0])).toBeUndefined();
    expect(store.size).toBe(0);
  });

  it("prefers frames that differ along the axis that is moved", () => {
    const { store } = makeStore();
    for (const at of [[1, 0], [0, 0.5], [0, 1], []]) store.put(frame(0, { at }));
    expect(store.nearest("a", [1, 0.9], undefined, 1)?.at).toEqual([1, 0]);
    expect(store.nearest("a", [0.9, 0.5], undefined, 0)?.at).toEqual([0, 0.5]);
    expect(store.nearest("a", [])?.at).toEqual([]);
  });

  it("finds the nearest frame of the route that is asked for", () => {
    const { store } = makeStore();
    for (const t of [0, 0.5, 1]) store.put(frame(t));
    store.put(frame(0.3, { route: "b" }));
    expect(store.nearest("a", [0.3])?.at).toEqual([0.5]);
    expect(store.nearest("b", [1])?.at).toEqual([0.3]);
    expect(store.nearest("c", [1])).toBeUndefined();
  });

  it("keeps a lossless frame when a lossy one of the same place arrives", () => {
    const { store } = makeStore();
    store.put(frame(0.5, { strip: false }));
    const kept = store.put(frame(0.5, { lossless: false }));
    expect(kept.lossless).toBe(true);
    expect(kept.strip).toBe(true);
    expect(store.size).toBe(100);
  });

  it("puts a lossless frame in the place of a lossy one", () => {
    const { store } = makeStore();
    store.put(frame(0.5, { lossless: false }));
    store.put(frame(0.5, { strip: false, seq: 2 }));
    expect(store.get("a", [0.5])).toMatchObject({ lossless: true, strip: true, seq: 2 });
    expect(store.size).toBe(100);
  });

  it("gives up ready pictures before frames, the least recently used first", async () => {
    const { store, closed } = makeStore(300 + 2 * READY);
    const frames = [0, 0.5, 1].map((t) => store.put(frame(t)));
    for (const one of frames) await store.ready(one);
    expect(closed).toHaveLength(1);
    expect(frames.map(({ bitmap }) => bitmap !== null)).toEqual([false, true, true]);
    expect(store.along("a")).toHaveLength(3);
    expect(store.size).toBeLessThanOrEqual(300 + 2 * READY);
  });

  it("drops the oldest frames when even their bytes are too many", () => {
    const { store } = makeStore(250);
    for (const t of [0, 0.5, 1]) store.put(frame(t));
    expect(store.along("a").map(({ at }) => at[0])).toEqual([0.5, 1]);
    expect(store.size).toBe(200);
  });

  it("keeps the newest frame even where it alone is over the limit", () => {
    const { store } = makeStore(50);
    store.put(frame(0));
    store.put(frame(1));
    expect(store.along("a").map(({ at }) => at[0])).toEqual([1]);
  });

  it("keeps few exact frames beside the strip, however long a drag is", () => {
    const { store } = makeStore();
    for (let i = 0; i <= 8; i++) store.put(frame(i / 8));
    for (let i = 0; i < 5000; i++) store.put(frame(Math.sin(i), { strip: false }));
    expect(store.along("a").filter(({ strip }) => strip)).toHaveLength(9);
    expect(store.along("a").length).toBeLessThanOrEqual(9 + 64);
  });

  it("closes a picture that is ready only after its frame was dropped", async () => {
    const { store, closed } = makeStore();
    const late = store.ready(store.put(frame(0)));
    store.close();
    await late;
    expect(closed).toHaveLength(1);
    expect(store.size).toBe(0);
  });

  it("opens a picture once, however often it is asked for", async () => {
    let opened = 0;
    const store = new FrameStore(1e9, async () => {
      opened += 1;
      return /** @type {ImageBitmap} */ ({ width: 1, height: 1, close: () => {} });
    });
    const one = store.put(frame(0));
    await Promise.all([store.ready(one), store.ready(one)]);
    await store.ready(one);
    expect(opened).toBe(1);
  });

  it("keeps the strip, whatever exact frames come beside it", async () => {
    const { store } = makeStore(4 * 100 * 65 + 2 * READY);
    for (let i = 0; i <= 64; i++) store.put(frame(i / 64));
    for (let i = 0; i < 500; i++) {
      await store.ready(store.put(frame((i + 0.3) / 500, { strip: false })));
    }
    expect([...store.frames.values()].filter(({ strip }) => strip)).toHaveLength(65);
  });

  it("drops no frame for the sake of one picture that is larger than the budget", async () => {
    const { store } = makeStore(READY / 2);
    store.put(frame(0));
    await store.ready(store.put(frame(1)));
    expect(store.along("a")).toHaveLength(2);
  });

  it("finds most pictures ready when the thumb goes to and fro", async () => {
    const { store } = makeStore(100 * 10 + 8 * READY);
    const frames = Array.from({ length: 10 }, (_, i) => store.put(frame(i / 9)));
    let opened = 0;
    for (let sweep = 0; sweep < 6; sweep++) {
      for (const one of sweep % 2 ? [...frames].reverse() : frames) {
        if (!one.bitmap) opened += 1;
        await store.ready(one);
      }
    }
    expect(opened).toBeLessThanOrEqual(10 + 5 * 2);
  });
});
