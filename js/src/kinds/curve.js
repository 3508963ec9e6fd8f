import { atEnd, element } from "../dom/element.js";
import { createPlot, drawLines, pathOf } from "../frames/lines.js";
import { createTiles, tilesOf } from "../frames/tiles.js";

const ASPECT = 1.5;
/** Where the range and the points begin, in bytes; before them come four counts. */
const RANGE_AT = 16;
const POINTS_AT = 32;

/**
 * Curves of one frame; `paths` are drawn in `range`.
 * @typedef {object} Curves
 * @property {Float32Array[][]} curves channels of each
 * @property {string[][]} paths
 * @property {[number, number]} range
 * @property {number} bytes
 * @property {() => void} close
 */

/**
 * @param {ArrayBuffer} data as the kernel wrote it
 * @returns {Curves}
 */
export function read(data) {
  const view = new DataView(data);
  const [count, channels, points] = [0, 4, 8].map((at) => view.getUint32(at, true));
  const curves = Array.from({ length: count }, (_, i) =>
    Array.from(
      { length: channels },
      (_, j) => new Float32Array(data, POINTS_AT + 4 * points * (i * channels + j), points),
    ),
  );
  return {
    curves,
    paths: [],
    range: [view.getFloat64(RANGE_AT, true), view.getFloat64(RANGE_AT + 8, true)],
    bytes: data.byteLength,
    close() {},
  };
}

/** @param {number} value */
function label(value) {
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

/**
 * Curves. All of them are drawn in one range, the widest that came with any.
 * @returns {import("../frames/kind.js").Kind}
 */
export default () => {
  /** @type {[number, number]} */
  let range = [Infinity, -Infinity];
  /** @type {Map<HTMLElement, Curves>} what is painted where */
  const painted = new Map();

  /** @param {[number, number]} more */
  function widen([low, high]) {
    if (low >= range[0] && high <= range[1]) return;
    range = [Math.min(low, range[0]), Math.max(high, range[1])];
    for (const [root, curves] of painted) draw(root, curves);
  }

  /** @param {HTMLElement} root @param {Curves} opened */
  function draw(root, opened) {
    const { curves } = opened;
    if (opened.range !== range || opened.paths.length === 0) {
      opened.range = range;
      opened.paths = curves.map((channels) => channels.map((points) => pathOf(points, ...range)));
    }
    const [low, high] = range;
    const tiles = tilesOf(root, curves.length, ASPECT, () => [
      createPlot(),
      element("span", { class: "lw-limit" }),
      element("span", { class: "lw-limit" }),
    ]);
    for (const [i, tile] of tiles.entries()) {
      const [plot, most, least] = tile.children;
      drawLines(plot, opened.paths[i], low, high);
      most.textContent = label(high);
      least.textContent = label(low);
    }
  }

  return {
    word: "Curve",
    role: "img",
    pixels: false,
    async open(source) {
      const opened = read(await source.arrayBuffer());
      widen(opened.range);
      return opened;
    },
    create(name, signal) {
      const root = createTiles(name, "curve", ASPECT);
      atEnd(signal, () => painted.delete(root));
      return root;
    },
    paint(root, opened) {
      painted.set(root, opened);
      draw(root, opened);
    },
  };
};
