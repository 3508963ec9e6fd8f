import { describe, expect, it } from "vitest";
import { createMarks, namesAt } from "../../src/interpolator/marks.js";

describe("the names of anchors", () => {
  const names = ["one", "two", "three"];

  it("say at which anchor a place is, or between which two", () => {
    expect(namesAt(0, [0, 0.5, 1], names)).toBe("one");
    expect(namesAt(0.5002, [0, 0.5, 1], names)).toBe("two");
    expect(namesAt(0.75, [0, 0.5, 1], names)).toBe("two → three");
    expect(namesAt(1, [0, 0.5, 1], names)).toBe("three");
  });

  it("go on to the first where the path is closed", () => {
    expect(namesAt(0.9, [0, 1 / 3, 2 / 3], names)).toBe("three → one");
    expect(namesAt(1, [0, 1 / 3, 2 / 3], names)).toBe("one");
  });

  it("are on the ticks; ticks of anchors without names have numbers", () => {
    const { marks, setMarks } = createMarks(() => {}, new AbortController().signal);
    setMarks([0, 0.5], names);
    const titles = () => [...marks.children].map((mark) => mark.getAttribute("title"));
    expect(titles()).toEqual(["one, t = 0", "two, t = 0.5"]);
    setMarks([0, 1], []);
    expect(titles()).toEqual(["anchor 1, t = 0", "anchor 2, t = 1"]);
    expect(namesAt(0, [0, 1], [])).toBe("");
    expect(namesAt(0.4, [0, 1], [])).toBe("");
  });
});
