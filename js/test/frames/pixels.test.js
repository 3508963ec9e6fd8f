import { afterEach, describe, expect, it, vi } from "vitest";
import { sourceOf } from "../../src/frames/pixels.js";

describe("sourceOf", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("takes bare pixels from the middle of a message", () => {
    // jsdom has no ImageData without a canvas package.
    vi.stubGlobal(
      "ImageData",
      class {
        /** @param {Uint8ClampedArray} data @param {number} width */
        constructor(data, width) {
          Object.assign(this, { data, width, height: data.length / 4 / width });
        }
      },
    );
    const message = Uint8Array.from({ length: 20 }, (_, i) => i);
    const view = new DataView(message.buffer, 4, 8);
    const source = /** @type {ImageData} */ (sourceOf(view, "image/x-rgba;width=1"));
    expect([source.width, source.height]).toEqual([1, 2]);
    expect([...source.data]).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    expect(source.data.buffer.byteLength).toBe(8);
  });

  it("leaves encoded pictures to the browser", () => {
    const source = /** @type {Blob} */ (sourceOf(new DataView(new ArrayBuffer(3)), "image/png"));
    expect([source.type, source.size]).toEqual(["image/png", 3]);
  });
});
