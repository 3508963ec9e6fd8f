import { element } from "../dom/element.js";

/** How many tiles stand side by side at most; the kernel lays out images in the same way. */
const MOST_COLUMNS = 4;

/**
 * Make an element that shows outputs as tiles.
 * @param {string} name its class
 * @param {string} kind
 * @param {number} aspect width over height of a tile
 */
export function createTiles(name, kind, aspect) {
  const root = element("div", { class: `${name} lw-tiles lw-${kind}` });
  root.style.aspectRatio = String(aspect);
  return root;
}

/**
 * Have as many tiles as there are outputs.
 * @param {HTMLElement} root
 * @param {number} count
 * @param {number} aspect width over height of a tile
 * @param {(i: number) => Node[]} fill what a new tile holds
 * @returns {HTMLElement[]}
 */
export function tilesOf(root, count, aspect, fill) {
  if (root.children.length !== count) {
    const rows = Math.ceil(count / MOST_COLUMNS);
    const columns = Math.ceil(count / rows);
    root.style.aspectRatio = String((aspect * columns) / rows);
    root.style.setProperty("--lw-columns", String(columns));
    root.replaceChildren(
      ...Array.from({ length: count }, (_, i) => element("div", { class: "lw-tile" }, fill(i))),
    );
  }
  return /** @type {HTMLElement[]} */ ([...root.children]);
}
