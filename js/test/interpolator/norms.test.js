import { describe, expect, it } from "vitest";
import { normWords } from "../../src/interpolator/norms.js";

describe("normWords", () => {
  const norms = { along: [1, 0.7, 1], chance: 0.1 };

  it("tells a norm that is unlike the prior's, in short and at length", () => {
    const [brief, whole] = normWords(norms, 0.5);
    expect(brief).toBe(" · norm 0.70");
    expect(whole).toContain("shorter than those of the prior: their norm is 1 ± 0.10.");
  });

  it("is between its places what lies between them", () => {
    expect(normWords(norms, 0.4)[0]).toBe(" · norm 0.76");
  });

  it("says nothing where chance gives such norms, at the ends, and where no prior is known", () => {
    expect(normWords(norms, 0.1)).toEqual(["", ""]);
    expect(normWords(norms, 0)).toEqual(["", ""]);
    expect(normWords(norms, 1)).toEqual(["", ""]);
    expect(normWords({ along: [], chance: 0 }, 0.5)).toEqual(["", ""]);
  });

  it("tells a latent that is too long", () => {
    const [brief, whole] = normWords({ along: [1.5, 1.5], chance: 0.1 }, 1);
    expect(brief).toBe(" · norm 1.50");
    expect(whole).toContain("longer");
  });
});
