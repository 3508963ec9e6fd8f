import { describe, expect, it, vi } from "vitest";
import { readBmp } from "../src/shared/bmp.js";

describe("readBmp", () => {
  it("gives the rows from the top, red first and opaque", () => {
    // jsdom has no ImageData without a canvas package.
    vi.stubGlobal(
      "ImageData",
      class {
        /** @param {Uint8ClampedArray} data @param {number} width @param {number} height */
        constructor(data, width, height) {
          Object.assign(this, { data, width, height });
        }
      },
    );
    // One pixel wide and two high: each row of three bytes is filled up to four.
    const file = new DataView(new ArrayBuffer(3 + 54 + 8), 3);
    file.setUint32(10, 54, true);
    file.setInt32(18, 1, true);
    file.setInt32(22, 2, true);
    for (const [i, byte] of [1, 2, 3, 0, 4, 5, 6, 0].entries()) file.setUint8(54 + i, byte);
    const { data, width, height } = readBmp(file);
    expect([width, height]).toEqual([1, 2]);
    expect([...data]).toEqual([6, 5, 4, 255, 3, 2, 1, 255]);
    vi.unstubAllGlobals();
  });
});
