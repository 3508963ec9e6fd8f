import { atEnd, element, listen } from "../dom/element.js";
import { createTiles, tilesOf } from "../frames/tiles.js";
import { sizeFor } from "./text.js";

const ASPECT = 1.5;
/** How much colour the number farthest from 0 gets; see `latentwidgets/kinds/tokens.py`. */
const MOST_COLOUR = 70;

/**
 * Tokens of one text, each with its number, and what the number is.
 * @typedef {{ label: string, pairs: [string, number | null][] }} Numbered
 * @typedef {{ range: [number, number], texts: Numbered[], bytes: number, close: () => void }} Tokens
 */

/** @param {number} value */
function written(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/**
 * Colour an element by a number: orange above 0, blue below it, the more the farther from 0.
 * @param {HTMLElement} place
 * @param {number | null} number
 * @param {[number, number]} range
 */
function tint(place, number, range) {
  const most = Math.max(...range.map(Math.abs)) || 1;
  const share = Math.max(-1, Math.min(1, (number ?? 0) / most));
  place.classList.toggle("lw-below", share < 0);
  place.style.setProperty("--lw-share", `${(MOST_COLOUR * Math.abs(share)).toFixed(1)}%`);
}

/** What stands in a tile: a text, and below it the scale of its colours. @param {boolean} small */
function parts(small) {
  const letters = element("div", { class: "lw-letters", dir: "auto" });
  if (small) return [letters];
  const ends = ["lw-least", "lw-most"].map((name) => element("span", { class: name }));
  const ramp = element("span", { class: "lw-token-ramp", "aria-hidden": "true" });
  const label = element("span", { class: "lw-token-said" });
  return [letters, element("div", { class: "lw-token-scale" }, [ends[0], ramp, ends[1], label])];
}

/**
 * Say of a token what its number is, or where there is none what numbers are.
 * @param {HTMLElement} tile
 * @param {EventTarget | null} [place]
 */
function say(tile, place = null) {
  const said = /** @type {HTMLElement} */ (tile.querySelector(".lw-token-said"));
  const token = place instanceof HTMLElement && place.matches(".lw-token") ? place : null;
  said.classList.toggle("lw-token-one", token !== null);
  said.textContent = token
    ? `${token.textContent?.trim()}: ${token.getAttribute("aria-description")}`
    : (said.dataset.label ?? "");
}

/** Move from token to token by keys. @param {KeyboardEvent} event */
function step(event) {
  const token = /** @type {HTMLElement} */ (event.target);
  const all = /** @type {HTMLElement[]} */ ([...(token.parentElement?.children ?? [])]);
  const here = all.indexOf(token);
  const steps = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: all.length - 1 };
  const next = all[steps[/** @type {keyof typeof steps} */ (event.key)]];
  if (!next || !token.matches(".lw-token")) return;
  event.preventDefault();
  event.stopPropagation();
  token.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/**
 * Show tokens in the place for a text. Those that were there before stay, so that a focus on one
 * of them does too.
 * @param {HTMLElement} letters
 * @param {Numbered["pairs"]} pairs
 * @param {[number, number]} range
 * @param {boolean} small
 */
function fill(letters, pairs, range, small) {
  while (letters.children.length > pairs.length) letters.lastChild?.remove();
  while (letters.children.length < pairs.length) {
    letters.append(element("span", { class: "lw-token" }));
  }
  const tokens = /** @type {HTMLElement[]} */ ([...letters.children]);
  for (const [i, token] of tokens.entries()) {
    const [text, number] = pairs[i];
    if (token.textContent !== text) token.textContent = text;
    tint(token, number, range);
    if (small) continue;
    token.setAttribute("aria-description", number === null ? "no number" : written(number));
    token.tabIndex = token.tabIndex === 0 && token.hasAttribute("tabindex") ? 0 : -1;
  }
  // One of them is where the Tab key stops.
  if (!small && tokens.length && !tokens.some((token) => token.tabIndex === 0)) {
    tokens[0].tabIndex = 0;
  }
}

/**
 * Texts whose tokens are coloured by a number each. All are coloured in one range, the widest that
 * came with any.
 * @returns {import("../frames/kind.js").Kind}
 */
export default () => {
  /** @type {[number, number]} */
  let range = [Infinity, -Infinity];
  /** @type {Map<HTMLElement, Tokens>} what is painted where */
  const painted = new Map();
  /** @type {WeakSet<HTMLElement>} elements with nothing to press */
  const small = new WeakSet();

  /** @param {[number, number]} more */
  function widen([low, high]) {
    if (low >= range[0] && high <= range[1]) return;
    range = [Math.min(low, range[0]), Math.max(high, range[1])];
    for (const [root, tokens] of painted) draw(root, tokens);
  }

  /** @param {HTMLElement} root @param {Tokens} opened */
  function draw(root, { texts }) {
    const tiny = small.has(root);
    const whole = texts.map(({ pairs }) => pairs.map(([text]) => text).join(""));
    // One size for all texts, so that they can be compared; two lines are left for the scale.
    const size = Math.min(...whole.map((text) => sizeFor(tiny ? text : `${text}\n\n`, tiny)));
    for (const [i, tile] of tilesOf(root, texts.length, ASPECT, () => parts(tiny)).entries()) {
      const [letters, scale] = /** @type {HTMLElement[]} */ ([...tile.children]);
      letters.style.setProperty("--lw-fit", `${(100 * size).toFixed(1)}cqi`);
      fill(letters, texts[i].pairs, range, tiny);
      if (tiny) continue;
      const [least, ramp, most, said] = /** @type {HTMLElement[]} */ ([...scale.children]);
      least.textContent = written(range[0]);
      most.textContent = written(range[1]);
      ramp.classList.toggle("lw-both", range[0] < 0);
      said.dataset.label = scale.title = texts[i].label;
      const { activeElement } = /** @type {Document} */ (tile.ownerDocument);
      say(tile, letters.contains(activeElement) ? activeElement : null);
    }
  }

  return {
    word: "Text",
    role: "group", // whose contents are read
    pixels: false,
    /** @param {Blob} source @returns {Promise<Tokens>} */
    async open(source) {
      const opened = { ...JSON.parse(await source.text()), bytes: source.size, close() {} };
      widen(opened.range);
      return opened;
    },
    create(name, signal, tiny = false) {
      const root = createTiles(name, "text", ASPECT);
      root.classList.add("lw-tokens");
      atEnd(signal, () => painted.delete(root));
      if (tiny) {
        small.add(root);
        return root;
      }
      /** @param {Event} event */
      const tileOf = ({ target }) =>
        /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (target).closest(".lw-tile"));
      /** @param {Event} event */
      const show = (event) => {
        const tile = tileOf(event);
        if (tile) say(tile, event.target);
      };
      /** @param {Event} event */
      const hide = (event) => {
        const tile = tileOf(event);
        // Of two tokens, the one that has the focus is spoken of once the pointer is away.
        const focused = event.type === "pointerout" && tile?.querySelector(".lw-token:focus");
        if (tile) say(tile, focused || null);
      };
      const handlers = { pointerover: show, focusin: show, pointerout: hide, focusout: hide };
      listen(root, { ...handlers, keydown: step }, signal);
      return root;
    },
    paint(root, opened) {
      painted.set(root, opened);
      draw(root, opened);
    },
  };
};
