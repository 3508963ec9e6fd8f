// @vitest-environment node
import { expect, it, vi } from "vitest";
import { Known } from "../../src/latent_map/known.js";
import { makeModel } from "../model.js";

it("knows of latents what came with their pictures, and what the page has while it decodes", () => {
  const model = makeModel({ _said: { row: 0, lines: [["label", "zero"]] }, _route: "a" });
  const known = new Known(model);
  const said = vi.fn((row) => (row < 5 ? [["label", `of the page, ${row}`]] : undefined));
  const local = /** @type {any} */ ({ said });
  expect(known.of(0)).toEqual([["label", "zero"]]);
  expect(known.of(3)).toEqual([]);
  expect(known.of(3, local)).toEqual([["label", "of the page, 3"]]);
  // A picture that was made here stays, and so does what was said beside it.
  expect(known.of(3)).toEqual([["label", "of the page, 3"]]);
  expect(known.of(7, local)).toEqual([]);
  model.set("_route", "b");
  expect(known.of(3)).toEqual([]);
});
