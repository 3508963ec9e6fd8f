/// <reference types="vite/client" />
import { expect, it } from "vitest";

/** In CSS pixels: everything lies on this grid. */
const GRID = 4;
/** What is thinner is a hairline, as between cells that touch. */
const HAIRLINES = [1, 2];
const SPACING =
  /^\s*((?:padding|margin|scroll-margin|scroll-padding|(?:row-|column-)?gap)[a-z-]*):\s*([^;]+);/gm;

/** Room around letters that grow with their box grows with them: `em` is no step of the grid. */
const UNITS = /(-?[\d.]+)(px|rem|ex|ch|pt)\b/g;

/** @type {Record<string, string>} */
const SHEETS = import.meta.glob("../src/**/*.css", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Lengths in a style sheet that lie off the grid. @param {string} css */
function offGrid(css) {
  const found = [];
  for (const [, name, value] of css.matchAll(SPACING)) {
    const lengths = value.replace(/\/\*.*?\*\//g, "").matchAll(UNITS);
    for (const [length, number, unit] of lengths) {
      const size = Math.abs(Number(number));
      if (unit !== "px" || (size % GRID && !HAIRLINES.includes(size)))
        found.push(`${name}: ${length}`);
    }
  }
  return found;
}

it("lays everything out on one grid", () => {
  const found = Object.entries(SHEETS).map(([path, css]) => ({ path, wrong: offGrid(css) }));
  expect(found.length).toBeGreaterThan(20);
  expect(found.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
});

it("knows what lies off the grid", () => {
  const css = "a {\n  gap: 6px 8px;\n  margin: -4px 0.3rem 2px;\n  column-gap: 3px;\n}";
  expect(offGrid(css)).toEqual(["gap: 6px", "margin: 0.3rem", "column-gap: 3px"]);
});
