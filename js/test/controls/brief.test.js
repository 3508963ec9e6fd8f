import { expect, it } from "vitest";
import { brief } from "../../src/controls/brief.js";

it("writes numbers with three digits, or all before the point, and leaves other texts", () => {
  const texts = ["0.0524029", "0.80173", "-1.23456e-05", "12.3456", "41017.6", "0.5", "0.0"];
  const short = ["0.0524", "0.802", "-0.0000123", "12.3", "41018", "0.5", "0.0"];
  expect(texts.map(brief)).toEqual(short);
  for (const other of ["7", "1234567", "True", "", "v1.2.3456", "a.b", "no label", "nan"]) {
    expect(brief(other)).toBe(other);
  }
});
