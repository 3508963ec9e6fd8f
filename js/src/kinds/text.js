import { atEnd, element } from "../dom/element.js";
import { differing } from "../frames/differing.js";
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

/** What is shown of a piece: spaces before it have no mark. @param {import("../frames/differing.js").Piece} piece */
function partsOf({ text, differs }) {
  const words = differs ? text.trimStart() : "";
  const rest = text.slice(0, text.length - words.length);
  return words ? [rest, element("mark", { class: "lw-differs", text: words })] : [rest];
}

/**
 * Texts, as text. Where two stand side by side, before an edit and after it, and both are exact, the
 * words that only one of them has are marked.
 * @returns {import("../frames/kind.js").Kind}
 */
export default () => {
  /** @type {WeakMap<Element, string[]>} what is painted where */
  const painted = new WeakMap();
  /** @type {WeakMap<Element, unknown[]>} what it was drawn of: its texts, those beside it, whether marked */
  const drawn = new WeakMap();
  /** @type {WeakMap<Element, MutationObserver>} */
  const watches = new WeakMap();

  /** What stands beside it, if anything does. @param {HTMLElement} root */
  function otherOf(root) {
    const { parentElement: frames } = root;
    if (frames?.dataset.lwView !== "side by side") return undefined;
    const all = /** @type {HTMLElement[]} */ ([...frames.children]);
    return all.find((one) => one !== root && painted.has(one));
  }

  /**
   * Draw texts, and those beside them, in letters of one size.
   * @param {HTMLElement} root of either side
   * @param {boolean} marks whether to mark what differs, where there are two sides and both are exact
   */
  function draw(root, marks) {
    const other = otherOf(root);
    const sides = other ? [root, other] : [root];
    const all = sides.map((one) => painted.get(one) ?? []);
    const marked = marks && !!other && sides.every(({ dataset }) => dataset.lwExact === "true");
    const last = drawn.get(root);
    if (last && [all[0], all[1], marked].every((one, i) => one === last[i])) return;
    const small = root.classList.contains("lw-cell");
    const size = Math.min(...all.flat().map((text) => sizeFor(text, small)));
    const letters = () => [element("div", { class: "lw-letters", dir: "auto" })];
    const pairs = marked ? all[0].map((text, i) => differing(text, all[1][i] ?? "")) : [];
    for (const [k, one] of sides.entries()) {
      drawn.set(one, [all[k], all[1 - k], marked]);
      for (const [i, tile] of tilesOf(one, all[k].length, ASPECT, letters).entries()) {
        const place = /** @type {HTMLElement} */ (tile.firstChild);
        place.style.setProperty("--lw-fit", `${(100 * size).toFixed(1)}cqi`);
        const pieces = pairs[i]?.[k] ?? [];
        if (pieces.some(({ differs }) => differs))
          place.replaceChildren(...pieces.flatMap(partsOf));
        else if (place.childElementCount || place.textContent !== all[k][i]) {
          place.textContent = all[k][i];
        }
      }
    }
  }

  return {
    word: "Text",
    role: "group", // whose contents are read
    pixels: false,
    /** @param {Blob} source @returns {Promise<Texts>} */
    async open(source) {
      return { texts: JSON.parse(await source.text()), bytes: source.size, close() {} };
    },
    create(name, signal, small = false) {
      const root = createTiles(name, "text", ASPECT);
      if (small) return root;
      // A painter says whether what it has painted is exact, after it has.
      const watch = new MutationObserver(() => painted.has(root) && draw(root, true));
      watch.observe(root, { attributeFilter: ["data-lw-exact"] });
      watches.set(root, watch);
      atEnd(signal, () => watch.disconnect());
      return root;
    },
    /** @param {HTMLElement} root @param {Texts} texts */
    paint(root, { texts }) {
      painted.set(root, texts);
      draw(root, false);
      const { parentElement: frames } = root;
      if (frames) watches.get(root)?.observe(frames, { attributeFilter: ["data-lw-view"] });
    },
  };
};
