import { element } from "../shared/dom.js";
import { createTiles, tilesOf } from "../shared/tiles.js";

const ASPECT = 1.5;
/** Sizes of letters are so far apart, so that they stay as they are from one text to the next. */
const STEP = 1.4;

/** @typedef {{ texts: string[], bytes: number, close: () => void }} Texts */

/**
 * How large letters may be for a text to fit, as a share of the width.
 * @param {string} text
 */
export function sizeFor(text) {
  const longest = Math.max(1, ...text.split(/\s+/).map(({ length }) => length));
  const lines = text.split("\n").length;
  const size = Math.min(0.79 / Math.sqrt(text.length || 1), 1.4 / longest, 0.45 / lines);
  return STEP ** Math.floor(Math.log(size) / Math.log(STEP));
}

/**
 * Texts, as text.
 * @returns {import("../shared/kind.js").Kind}
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
    for (const [i, tile] of tilesOf(root, texts.length, ASPECT, letters).entries()) {
      const place = /** @type {HTMLElement} */ (tile.firstChild);
      place.textContent = texts[i];
      place.style.setProperty("--lw-fit", `${(100 * sizeFor(texts[i])).toFixed(1)}cqi`);
    }
  },
});
