import { afterEach, beforeEach, describe, expect, it } from "vitest";
import createTokens from "../../src/kinds/tokens.js";

const MARKUP = '<img src=x onerror="alert(1)">';

/** @type {AbortController} */
let view;
beforeEach(() => {
  view = new AbortController();
});
afterEach(() => {
  view.abort();
  document.body.replaceChildren();
});

/**
 * As `latentwidgets/kinds/tokens.py` writes them.
 * @param {[string, number | null][][]} texts
 * @param {[number, number]} [range]
 * @param {string} [label]
 */
function frame(texts, range = [-2, 2], label = "projection") {
  const data = JSON.stringify({ range, texts: texts.map((pairs) => ({ label, pairs })) });
  return { size: data.length, text: async () => data };
}

/** @param {boolean} [small] */
function made(small = false) {
  const kind = createTokens();
  const root = kind.create(small ? "lw-cell" : "lw-picture", view.signal, small);
  document.body.append(root);
  return { kind, root };
}

/** @param {HTMLElement} root @returns {HTMLElement[]} */
const tokensOf = (root) =>
  [...root.querySelectorAll(".lw-token")].map((one) => /** @type {HTMLElement} */ (one));
/** @param {HTMLElement} root */
const said = (root) => root.querySelector(".lw-token-said")?.textContent;
/** @param {HTMLElement} token */
const share = (token) => token.style.getPropertyValue("--lw-share");
/** @param {string} key */
const press = (key) =>
  document.activeElement?.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
  );

/** @type {[string, number | null][]} */
const PAIRS = [
  [MARKUP, 1],
  [" fox", -2],
  [" sat", null],
  [".", 0],
];

describe("tokens", () => {
  it("are shown as their characters, and nothing else is in the text", async () => {
    const { kind, root } = made();
    kind.paint(root, await kind.open(frame([PAIRS])));
    expect(root.querySelector(".lw-letters")?.textContent).toBe(`${MARKUP} fox sat.`);
    expect(root.querySelector("img")).toBeNull();
  });

  it("have the more colour the farther their number is from 0", async () => {
    const { kind, root } = made();
    kind.paint(root, await kind.open(frame([PAIRS])));
    expect(tokensOf(root).map(share)).toEqual(["35.0%", "70.0%", "0.0%", "0.0%"]);
    expect(tokensOf(root).map((one) => one.classList.contains("lw-below"))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    kind.paint(root, await kind.open(frame([[["a", 9]]], [-2, 2])));
    expect(tokensOf(root).map(share)).toEqual(["70.0%"]);
  });

  it("are coloured anew, all of them, when one widens the range", async () => {
    const { kind, root } = made();
    kind.paint(root, await kind.open(frame([[["a", 1]]], [0, 1])));
    expect(root.querySelector(".lw-token-ramp")?.classList.contains("lw-both")).toBe(false);
    await kind.open(frame([[["a", 4]]], [-4, 4]));
    expect(tokensOf(root).map(share)).toEqual(["17.5%"]);
    expect(root.querySelector(".lw-least")?.textContent).toBe("−4");
    expect(root.querySelector(".lw-most")?.textContent).toBe("4");
    expect(root.querySelector(".lw-token-ramp")?.classList.contains("lw-both")).toBe(true);
  });

  it("say their number when pointed at, and what numbers are otherwise", async () => {
    const { kind, root } = made();
    kind.paint(root, await kind.open(frame([PAIRS])));
    expect(said(root)).toBe("projection");
    const [, fox, sat] = tokensOf(root);
    fox.dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(said(root)).toBe("fox: −2");
    fox.dispatchEvent(new Event("pointerout", { bubbles: true }));
    expect(said(root)).toBe("projection");
    sat.dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(said(root)).toBe("sat: no number");
    view.abort();
    fox.dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(said(root)).toBe("sat: no number");
  });

  it("are walked through by keys, from the one place where Tab stops", async () => {
    const { kind, root } = made();
    kind.paint(root, await kind.open(frame([PAIRS])));
    const tokens = tokensOf(root);
    expect(tokens.filter((one) => one.tabIndex === 0)).toEqual([tokens[0]]);
    tokens[0].focus();
    expect(said(root)).toBe(`${MARKUP}: 1`);
    press("ArrowRight");
    expect(document.activeElement).toBe(tokens[1]);
    expect(said(root)).toBe("fox: −2");
    press("End");
    expect(document.activeElement).toBe(tokens[3]);
    press("ArrowRight");
    expect(document.activeElement).toBe(tokens[3]);
    press("Home");
    press("ArrowLeft");
    expect(document.activeElement).toBe(tokens[0]);
    expect(tokens.filter((one) => one.tabIndex === 0)).toEqual([tokens[0]]);
    tokens[0].blur();
    expect(said(root)).toBe("projection");
  });

  it("keep the focus while a text grows, and one stop for Tab when it shrinks", async () => {
    const { kind, root } = made();
    kind.paint(root, await kind.open(frame([PAIRS.slice(0, 2)])));
    tokensOf(root)[0].focus();
    press("End");
    kind.paint(root, await kind.open(frame([PAIRS])));
    expect(document.activeElement).toBe(tokensOf(root)[1]);
    expect(said(root)).toBe("fox: −2");
    kind.paint(root, await kind.open(frame([[["It", 0.5]]])));
    expect(tokensOf(root).map((one) => one.tabIndex)).toEqual([0]);
    expect(said(root)).toBe("projection");
  });

  it("have their numbers as descriptions for screen readers", async () => {
    const { kind, root } = made();
    kind.paint(root, await kind.open(frame([PAIRS])));
    const numbers = tokensOf(root).map((one) => one.getAttribute("aria-description"));
    expect(numbers).toEqual(["1", "−2", "no number", "0"]);
  });

  it("of several texts are tiles, each with its scale", async () => {
    const { kind, root } = made();
    kind.paint(root, await kind.open(frame([PAIRS, [["It", 1]], []])));
    expect(root.querySelectorAll(".lw-tile")).toHaveLength(3);
    expect(root.querySelectorAll(".lw-token-scale")).toHaveLength(3);
    kind.paint(root, await kind.open(frame([PAIRS])));
    expect(root.querySelectorAll(".lw-tile")).toHaveLength(1);
  });

  it("in a small cell have colours, and nothing to press or to read beside them", async () => {
    const { kind, root } = made(true);
    kind.paint(root, await kind.open(frame([PAIRS])));
    expect(root.textContent).toBe(`${MARKUP} fox sat.`);
    expect(share(tokensOf(root)[1])).toBe("70.0%");
    expect(root.querySelector("[tabindex]")).toBeNull();
  });
});
