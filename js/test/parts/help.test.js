import { expect, it } from "vitest";
import createKeys from "../../src/parts/help.js";

const KINDS = ["interpolator", "direction-editor", "latent-grid", "latent-map", "latent-explorer"];

it.each(KINDS)("has keys and what they do for a %s", (kind) => {
  const list = createKeys(kind);
  const lines = [...list.children].map(({ localName, textContent }) => [localName, textContent]);
  expect(lines.length).toBeGreaterThan(8);
  for (const [i, [tag, text]] of lines.entries()) {
    expect(tag).toBe(i % 2 ? "dd" : "dt");
    expect(text).toMatch(/\S/);
  }
});
