/// <reference types="vite/client" />
import { expect, it } from "vitest";

/** In CSS pixels: everything lies on this grid. */
const GRID = 4;
/** What is thinner than a step of the grid is a hairline, as between cells that touch. */
const HAIRLINES = [1, 2];
const SPACING =
  /(?<![\w-])((?:padding|margin|scroll-margin|scroll-padding|(?:row-|column-|grid-)*gap|border-spacing)(?:-[a-z-]+)?)\s*:\s*([^;{}]+)/gi;
const DEFINED = /(?<![\w-])(--lw-[\w-]+)\s*:\s*([^;{}]+)/g;
/** What a value may consist of: halves and shares of the whole only where it is computed. */
const PARTS = /(?<length>-?\d*\.?\d+px)|var\((?<name>--lw-[\w-]+)(?:,\s*(?:0|0px))?\)|auto|inherit/;
const WORD = new RegExp(`^(?:0|${PARTS.source})$`);
const TERM = new RegExp(`^(?:[-+*/()]|-?2|100%|calc|${PARTS.source})$`);
const TERMS = /var\([^)]*\)|-?[\d.]+[a-z%]*|[a-z]+|\S/gi;

/** Room around letters that grow with their box grows with them. */
const LETTERS = "padding: 0.3em 0.5em";
/** Set by the page, to what it has measured there. */
const MEASURED = ["--lw-covered", "--lw-from", "--lw-to", "--lw-at"];

/** @type {Record<string, string>} */
const SHEETS = import.meta.glob("../src/**/*.css", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Style sheets without what is said about them. @param {string} css */
const bare = (css) => css.replace(/\/\*.*?\*\//gs, "");

/** The words of a value, each whole. @param {string} value */
const words = (value) =>
  value.match(/(?:[^\s()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))+/g) ?? [];

/**
 * Whether a value lies on the grid.
 * @param {string} value
 * @param {(name: string) => boolean} holds says it of what a name stands for
 */
function onGrid(value, holds) {
  return words(value).every((word) => {
    const computed = word.startsWith("calc(");
    const terms = computed ? (word.match(TERMS) ?? []) : [word];
    return terms.every((term) => {
      const found = (computed ? TERM : WORD).exec(term);
      if (!found) return false;
      const { length, name } = found.groups ?? {};
      const size = Math.abs(Number.parseFloat(length ?? "0"));
      return (size % GRID === 0 || HAIRLINES.includes(size)) && (!name || holds(name));
    });
  });
}

/** Spacing in style sheets that lies off the grid. @param {string[]} sheets */
function offGrid(...sheets) {
  const all = sheets.map(bare);
  const defined = all.flatMap((css) => [...css.matchAll(DEFINED)]);
  /** @param {string} name @returns {boolean} */
  const holds = (name) => {
    const values = defined.filter(([, one]) => one === name).map(([, , value]) => value.trim());
    return (
      MEASURED.includes(name) || (values.length > 0 && values.every((one) => onGrid(one, holds)))
    );
  };
  return all
    .flatMap((css) => [...css.matchAll(SPACING)])
    .filter(([, , value]) => !onGrid(value.trim(), holds))
    .map(([, name, value]) => `${name}: ${value.trim()}`);
}

it("lays everything out on one grid", () => {
  expect(Object.keys(SHEETS).length).toBeGreaterThan(20);
  expect(offGrid(...Object.values(SHEETS))).toEqual([LETTERS]);
});

it.each([
  "gap: 6px 8px",
  "margin: -4px 0.3rem 2px",
  "column-gap: 3px",
  "--lw-gap: 5px; gap: var(--lw-gap)",
  "gap: var(--lw-unknown)",
  "gap: var(--lw-thumb, 5px)",
  "margin: 1.5lh",
  "padding: 0.5cqw 1vw 0.1in",
  "padding: 5%",
  "padding: 50",
  "margin: calc(4px * 1.7)",
  "margin: calc(5px + var(--lw-thumb))",
  "grid-gap: 5px",
  "border-spacing: 3px",
  "padding: 6PX",
  "PADDING-inline-start: 6px",
])("knows that this lies off the grid: %s", (css) => {
  const last = css.split("; ").at(-1);
  expect(offGrid(`a { --lw-thumb: 16px; ${css} }`), "in one line, without an end").toEqual([last]);
  expect(offGrid(`a {\n  --lw-thumb: 16px;\n  ${css};\n}`)).toEqual([last]);
});

it("takes what lies on it", () => {
  const css = "gap: 4px 2px /* 3px */; margin: 0 auto -8px; padding: calc(var(--lw-thumb) / 2) 0px";
  expect(offGrid(`a { --lw-thumb: 16px; stroke-gap: 3; --lw-margin: 3px; ${css} }`)).toEqual([]);
});
