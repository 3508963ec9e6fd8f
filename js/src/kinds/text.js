import { element } from "../dom/element.js";
import { createTiles, tilesOf } from "../frames/tiles.js";

const ASPECT = 1.5;
/**
 * Letters have few sizes, each this many times the next smaller one: so that their size seldom
 * changes from one text to the next.
 */
const STEP = 1.4;
/** The largest and the smallest size, as shares of the width of a tile. */
const MOST = STEP ** -3;
const LEAST = STEP ** -12;
/** How wide a letter is by its size, on average. */
const LETTER = 0.56;
/** By the size of letters: how high a line is, and what is left free across and down a tile. */
const LARGE = { line: 1.3, across: 1, down: 0.6 };
/** The same of a small tile, such as a cell of a grid. */
const SMALL = { line: 1.15, across: 0.4, down: 0.2 };

/** @typedef {{ texts: string[], bytes: number, close: () => void }} Texts */

/**
 * How large letters may be for a text to fit, as a share of the width.
 * @param {string} text
 * @param {boolean} [small] whether its tile is small: lines stand closer there
 */
export function sizeFor(text, small = false) {
  let size = MOST;
  while (size > LEAST && !fits(text, size, small ? SMALL : LARGE)) size /= STEP;
  return size;
}

/** @param {string} text @param {number} size @param {typeof LARGE} room */
function fits(text, size, room) {
  const across = Math.floor((1 - room.across * size) / (LETTER * size));
  const down = Math.floor((1 / ASPECT - room.down * size) / (room.line * size));
  let lines = 0;
  for (const paragraph of text.split("\n")) {
    lines += 1;
    let left = across;
    for (const { length } of paragraph.split(" ")) {
      if (length > across || lines > down) return false;
      if (length > left) {
        lines += 1;
        left = across;
      }
      left -= length + 1;
    }
  }
  return lines <= down;
}

/**
 * Texts, as text.
 * @returns {import("../frames/kind.js").Kind}
 */
export default () => ({
  word: "Text",
  role: "group", // whose contents are read
  pixels: false,
  /** @param {Blob} source @returns {Promise<Texts>} */
  async open(source) {
    return { texts: JSON.parse(await source.text()), bytes: source.size, close() {} };
  },
  create: (name) => createTiles(name, "text", ASPECT),
  /** @param {HTMLElement} root @param {Texts} texts */
  paint(root, { texts }) {
    const letters = () => [element("div", { class: "lw-letters", dir: "auto" })];
    const small = root.classList.contains("lw-cell");
    // One size for all texts, so that they can be compared.
    const size = Math.min(...texts.map((text) => sizeFor(text, small)));
    for (const [i, tile] of tilesOf(root, texts.length, ASPECT, letters).entries()) {
      const place = /** @type {HTMLElement} */ (tile.firstChild);
      place.textContent = texts[i];
      place.style.setProperty("--lw-fit", `${(100 * size).toFixed(1)}cqi`);
    }
  },
});
