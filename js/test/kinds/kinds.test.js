import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { images } from "../../src/frames/images.js";
import { pathOf } from "../../src/frames/lines.js";
import { loadKind } from "../../src/frames/load_kind.js";
import createCurves, { read as readCurves } from "../../src/kinds/curve.js";
import createSounds, { channelsOf, read as readSounds } from "../../src/kinds/sound.js";
import createTexts, { sizeFor } from "../../src/kinds/text.js";

const MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>';

/** @type {AbortController} */
let view;
beforeEach(() => {
  view = new AbortController();
});
afterEach(() => vi.unstubAllGlobals());

/** A frame's bytes, as a blob that can be read here. @param {ArrayBuffer | string} data */
function blob(data) {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data).buffer : data;
  return {
    size: bytes.byteLength,
    text: async () => new TextDecoder().decode(bytes),
    arrayBuffer: async () => bytes,
  };
}

/** @param {string[]} texts */
function textFrame(texts) {
  return blob(JSON.stringify(texts));
}

/**
 * As `latentwidgets/frames/curve.py` writes them.
 * @param {number[][][]} curves
 * @param {[number, number]} range
 */
function curveFrame(curves, [low, high]) {
  const [channels, points] = [curves[0].length, curves[0][0].length];
  const view = new DataView(new ArrayBuffer(32 + 4 * curves.length * channels * points));
  for (const [i, n] of [curves.length, channels, points].entries()) view.setUint32(4 * i, n, true);
  view.setFloat64(16, low, true);
  view.setFloat64(24, high, true);
  for (const [i, y] of curves.flat(2).entries()) view.setFloat32(32 + 4 * i, y, true);
  return blob(view.buffer);
}

/**
 * As `latentwidgets/frames/sound.py` writes them.
 * @param {number[][]} sounds samples of each, channel by channel
 * @param {number} channels
 */
function soundFrame(sounds, channels = 1) {
  const view = new DataView(new ArrayBuffer(56 + 2 * sounds.flat().length));
  view.setUint16(22, channels, true);
  view.setUint32(24, 8000, true);
  view.setUint32(44, sounds.length, true);
  for (const [i, x] of sounds.flat().entries()) view.setInt16(56 + 2 * i, x, true);
  return blob(view.buffer);
}

const { signal: forever } = new AbortController();

describe("texts", () => {
  it("are shown as their characters", async () => {
    const kind = createTexts();
    const root = kind.create("lw-picture", view.signal);
    kind.paint(root, await kind.open(textFrame([MARKUP])));
    expect(root.textContent).toBe(MARKUP);
    expect(root.querySelector("img, script")).toBeNull();
    kind.paint(root, await kind.open(textFrame(["a\nb"])));
    expect(root.textContent).toBe("a\nb");
  });

  it("of several latents are tiles", async () => {
    const kind = createTexts();
    const root = kind.create("lw-picture", view.signal);
    kind.paint(root, await kind.open(textFrame(["a", "b", "c", "d", "e"])));
    expect([...root.children].map((tile) => tile.textContent)).toEqual(["a", "b", "c", "d", "e"]);
    expect(root.style.getPropertyValue("--lw-columns")).toBe("3");
    kind.paint(root, await kind.open(textFrame(["f"])));
    expect(root.children).toHaveLength(1);
  });

  it("are larger where they are shorter, in few sizes", () => {
    expect(sizeFor("king")).toBeGreaterThan(sizeFor("a rather longer sentence, of many words"));
    expect(sizeFor("")).toBeLessThan(1);
    const sizes = Array.from({ length: 100 }, (_, i) => sizeFor("word ".repeat(i + 1)));
    expect(new Set(sizes).size).toBeLessThan(12);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it("are small enough for their longest word, and for the lines that words make", () => {
    expect(sizeFor("x".repeat(40))).toBeLessThan(sizeFor("four words of ".repeat(3)));
    // As many letters; but of the long words only one goes into a line.
    expect(sizeFor("mountaineers ".repeat(5))).toBeLessThan(sizeFor("at one, two. ".repeat(5)));
    expect(sizeFor("a\nb\nc\nd\ne\nf")).toBeLessThan(sizeFor("a b c d e f"));
  });

  it("are of one size where several are shown", async () => {
    const kind = createTexts();
    const root = kind.create("lw-picture", view.signal);
    kind.paint(root, await kind.open(textFrame(["a", "a longer one, of many words"])));
    const [first, second] = [...root.querySelectorAll(".lw-letters")].map((one) =>
      /** @type {HTMLElement} */ (one).style.getPropertyValue("--lw-fit"),
    );
    expect(first).not.toBe("");
    expect(first).toBe(second);
  });
});

describe("curves", () => {
  it("are lines, one a channel", async () => {
    const kind = createCurves();
    const root = kind.create("lw-picture", view.signal);
    kind.paint(
      root,
      await kind.open(
        curveFrame(
          [
            [
              [0, 1],
              [1, 0],
            ],
          ],
          [0, 1],
        ),
      ),
    );
    const lines = [...root.querySelectorAll(".lw-line")];
    expect(lines.map((line) => line.getAttribute("d"))).toEqual([
      "M0 1000L1000 0",
      "M0 0L1000 1000",
    ]);
    expect(lines.map((line) => line.getAttribute("class"))).toEqual([
      "lw-line lw-c0",
      "lw-line lw-c1",
    ]);
    expect([...root.querySelectorAll(".lw-limit")].map((one) => one.textContent)).toEqual([
      "1",
      "0",
    ]);
  });

  it("show where 0 is only where it is in the range", async () => {
    const kind = createCurves();
    const root = kind.create("lw-picture", view.signal);
    kind.paint(root, await kind.open(curveFrame([[[1, 1]]], [0.5, 1.5])));
    expect(root.querySelector(".lw-axis")?.getAttribute("d")).toBe("");
    kind.paint(root, await kind.open(curveFrame([[[1, 1]]], [-1.5, 1.5])));
    expect(root.querySelector(".lw-axis")?.getAttribute("d")).toBe("M0 500H1000");
  });

  it("are drawn anew, all of them, when one widens the range", async () => {
    const kind = createCurves();
    const [first, second] = [0, 1].map(() => kind.create("lw-picture", view.signal));
    const early = await kind.open(curveFrame([[[0, 1]]], [0, 1]));
    kind.paint(first, early);
    await kind.open(curveFrame([[[0, 3]]], [-1, 3]));
    expect(first.querySelector(".lw-line")?.getAttribute("d")).toBe("M0 750L1000 500");
    // One that comes with a narrower range is drawn in the wide one too.
    kind.paint(second, await kind.open(curveFrame([[[0, 1]]], [0, 1])));
    expect(second.innerHTML).toBe(first.innerHTML);
    view.abort();
    await kind.open(curveFrame([[[0, 7]]], [-1, 7]));
    expect(first.querySelector(".lw-line")?.getAttribute("d")).toBe("M0 750L1000 500");
  });

  it("keep their peaks, however many points there are", () => {
    const values = new Float32Array(100_000);
    values[54_321] = 1;
    const path = pathOf(values, 0, 1);
    expect(path).toContain(" 0L");
    expect(path.split("L").length).toBeLessThan(1200);
    expect(pathOf([5], 0, 10)).toBe("M0 500");
  });

  it("are read as they were written", async () => {
    const { curves, bytes } = readCurves(
      await curveFrame(
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          [
            [7, 8, 9],
            [0, 1, 2],
          ],
        ],
        [0, 9],
      ).arrayBuffer(),
    );
    expect(curves.map((one) => one.map((channel) => [...channel]))).toEqual([
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [
        [7, 8, 9],
        [0, 1, 2],
      ],
    ]);
    expect(bytes).toBe(32 + 48);
  });
});

describe("sounds", () => {
  /** @type {{ stopped: boolean, ended: () => void }[]} */
  let played = [];

  beforeEach(() => {
    played = [];
    class Context {
      constructor() {
        this.destination = {};
        this.mine = { stopped: false, ended: () => {} };
        played.push(this.mine);
      }
      createBuffer() {
        return { copyToChannel() {} };
      }
      createBufferSource() {
        const addEventListener = (/** @type {string} */ _, /** @type {() => void} */ ended) => {
          this.mine.ended = ended;
        };
        return { connect() {}, start() {}, addEventListener };
      }
      async close() {
        this.mine.stopped = true;
      }
    }
    vi.stubGlobal("AudioContext", Context);
    Element.prototype.animate = vi.fn();
  });

  async function show(small = false) {
    const kind = createSounds(forever);
    const root = kind.create("lw-picture", view.signal, small);
    const opened = await kind.open(soundFrame([[0, 16384, -32768, 0]]));
    kind.paint(root, opened);
    const button = /** @type {HTMLButtonElement} */ (root.querySelector("button"));
    return { kind, root, button, opened };
  }

  it("are waves and a button", async () => {
    const { root, button } = await show();
    expect(root.querySelector(".lw-line")?.getAttribute("d")).toBe(
      "M0 500L333.3 250L666.7 1000L1000 500",
    );
    expect(button.getAttribute("aria-label")).toBe("Play the sound");
    expect(played).toHaveLength(0);
    expect((await show(true)).root.querySelector("button")).toBeNull();
  });

  it("play until they end, or until the button is pressed again", async () => {
    const { button } = await show();
    button.click();
    expect(button.getAttribute("aria-label")).toBe("Stop");
    played[0].ended();
    expect(button.dataset.lwPlaying).toBe("false");
    button.click();
    button.click();
    expect(played.map(({ stopped }) => stopped)).toEqual([true, true]);
    expect(button.dataset.lwPlaying).toBe("false");
  });

  it("stop when another begins, anywhere on the page", async () => {
    const [one, other] = [await show(), await show()];
    one.button.click();
    other.button.click();
    expect(played.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(one.button.dataset.lwPlaying).toBe("false");
    other.button.click();
  });

  it("stop when another frame is shown, and when the view goes", async () => {
    const { kind, root, button } = await show();
    button.click();
    kind.paint(root, await kind.open(soundFrame([[0, 0, 0, 0]])));
    expect(played.at(-1)?.stopped).toBe(true);
    button.click();
    view.abort();
    expect(played.at(-1)?.stopped).toBe(true);
    expect(root.querySelector(".lw-cursor")).toBeNull();
  });

  it("are read as they were written", async () => {
    const data = await soundFrame(
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
      2,
    ).arrayBuffer();
    const sounds = readSounds(data);
    expect(sounds).toMatchObject({ channels: 2, rate: 8000, count: 2 });
    expect(channelsOf(sounds, 1).map((channel) => [...channel].map((x) => x * 32768))).toEqual([
      [5, 7],
      [6, 8],
    ]);
  });
});

describe("loadKind", () => {
  it("is images where the kernel sent no painter", async () => {
    const model = /** @type {any} */ ({ get: () => "" });
    expect(await loadKind(model, view.signal)).toBe(images);
  });
});
