import { describe, expect, it } from "vitest";
import { createControl, createScale } from "../../src/latent_map/control.js";
import { createLegend } from "../../src/latent_map/legend.js";
import { createOverlay, paintMarks } from "../../src/latent_map/marks.js";
import { Picker } from "../../src/latent_map/picker.js";

/** @param {Record<string, any>} state @returns {any} */
function modelOf(state) {
  return { get: (/** @type {string} */ name) => state[name] };
}

describe("what is shown", () => {
  it("is what the mouse is over, or else where the person went", () => {
    const control = createControl(modelOf({ _spot: [3, 0.5, 0.25] }));
    expect(control.read()).toEqual([3, 0.5, 0.25]);
    control.hover([7, 1, 2]);
    expect(control.read()).toEqual([7, 1, 2]);
    control.hover(null);
    expect(control.read()).toEqual([3, 0.5, 0.25]);
    const stage = /** @type {any} */ ({ at: control.read(), axis: 0 });
    expect([.../** @type {any} */ (control).strips(stage)]).toEqual([]);
  });
});

describe("places and points", () => {
  it("lead to each other", () => {
    const scale = createScale(modelOf({ _frame: [10, -2, 4] }));
    expect(scale.point([0, 0])).toEqual([10, -2]);
    expect(scale.point([1, -1])).toEqual([14, -6]);
    expect(scale.place(scale.point([0.25, 0.5]))).toEqual([0.25, 0.5]);
  });
});

describe("the legend", () => {
  const entries = [
    { name: "<img src=x onerror=alert(1)>", color: "#ff0000", code: 0, count: 1234 },
    { name: "", color: "#00ff00", code: 1, count: 1 },
  ];

  it("shows names as their characters", () => {
    const { legend, show } = createLegend(
      () => {},
      () => {},
      new AbortController().signal,
    );
    show({ entries });
    expect(legend.querySelector("img")).toBeNull();
    const [first, second] = legend.querySelectorAll("button");
    expect(first.textContent).toBe("<img src=x onerror=alert(1)>");
    expect(first.title).toContain("1,234 points");
    expect(second.textContent).toBe("(empty)");
  });

  it("picks a class", () => {
    /** @type {number[]} */
    const picked = [];
    const { legend, show } = createLegend(
      (code) => picked.push(code),
      () => {},
      new AbortController().signal,
    );
    show({ entries });
    legend.querySelectorAll("button")[1].click();
    expect(picked).toEqual([1]);
  });

  it("lets clusters be named, and what comes meanwhile leaves the fields", () => {
    /** @type {[number, string][]} */
    const named = [];
    const { legend, show } = createLegend(
      () => {},
      (code, name) => named.push([code, name]),
      new AbortController().signal,
    );
    document.body.append(legend);
    const three = [0, 1, 2].map((code) => ({
      ...{ name: `cluster ${code + 1}`, color: "#ff0000", code, count: 5, rest: code === 2 },
    }));
    show({ entries: three, clusters: true });
    const press = (/** @type {EventTarget} */ target, /** @type {string} */ key) =>
      target.dispatchEvent(new KeyboardEvent("keydown", { key }));
    const button = () => /** @type {HTMLButtonElement} */ (legend.querySelector(".lw-button"));
    expect(button().textContent).toBe("Rename");
    button().click();
    const [first, second, ...more] = legend.querySelectorAll("input");
    expect(more).toEqual([]); // the rest is no cluster
    expect(document.activeElement).toBe(first);
    first.value = "boots";
    press(first, "Enter");
    expect(named).toEqual([[0, "boots"]]);
    expect(document.activeElement).toBe(second);
    second.value = "co";
    const boots = three.map((one) => (one.code ? one : { ...one, name: "boots!" }));
    show({ entries: boots, clusters: true });
    expect(first.value).toBe("boots!");
    expect([document.activeElement, second.value]).toEqual([second, "co"]);
    press(second, "Enter"); // the last: all are named
    expect(named.at(-1)).toEqual([1, "co"]);
    expect(legend.querySelector("input")).toBeNull();
    expect(document.activeElement).toBe(button());
    button().click();
    press(legend.querySelectorAll("input")[0], "Escape");
    expect(named).toHaveLength(2);
    button().click();
    show({ low: "0", high: "1" }); // other colours
    expect(legend.querySelector("input, .lw-button")).toBeNull();
    legend.remove();
  });

  it("shows the ends of amounts, and what is left over", () => {
    const { legend, show } = createLegend(
      () => {},
      () => {},
      new AbortController().signal,
    );
    show({ entries });
    show({ low: "0.1", high: "9", note: "3 without a value are grey" });
    expect(legend.querySelectorAll("button")).toHaveLength(0);
    expect(legend.textContent).toBe("0.193 without a value are grey");
    show({ low: "3.5", high: "3.5" }, "size");
    const alike = "a scale from a number to itself says nothing";
    expect(legend.textContent, alike).toBe("size: all 3.5");
  });
});

const NONE = new Float32Array();

describe("marks", () => {
  /** @param {number} place */
  const scale = (place) => 100 + 50 * place;

  it("are drawn over their rims, and replace those before", () => {
    const overlay = createOverlay();
    paintMarks(overlay, scale, scale, { spot: [0, 1], over: [1, 0], path: [], found: NONE });
    paintMarks(overlay, scale, scale, {
      spot: [0, -1],
      over: null,
      found: NONE,
      path: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    });
    const [rims, inks] = overlay.children;
    expect(overlay.children).toHaveLength(2);
    expect(inks.innerHTML).toBe(rims.innerHTML);
    expect(inks.querySelector("polyline")?.getAttribute("points")).toBe("100,100 150,100 150,150");
    const ends = [...inks.querySelectorAll(".lw-end")].map((end) => end.getAttribute("cx"));
    expect(ends).toEqual(["100", "150"]);
    const arrows = [...inks.querySelectorAll(".lw-arrow")];
    expect(arrows.map((arrow) => arrow.getAttribute("transform"))).toEqual([
      "translate(125 100) rotate(0)",
      "translate(150 125) rotate(90)",
    ]);
    expect(inks.querySelector(".lw-spot")?.getAttribute("cy")).toBe("50");
    expect(inks.querySelector(".lw-over")).toBeNull();
    expect(overlay.dataset.lwSpot).toBe("[100,50]");
  });
});

describe("marks of what was found", () => {
  const scale = (/** @type {number} */ place) => 100 + 50 * place;

  /** @param {number[]} places */
  function drawn(...places) {
    const overlay = createOverlay();
    for (const side of ["clientWidth", "clientHeight"]) {
      Object.defineProperty(overlay, side, { value: 200 });
    }
    const found = Float32Array.from(places);
    paintMarks(overlay, scale, scale, { spot: [0, 0], over: null, path: [], found });
    return overlay.children[1].querySelector(".lw-found")?.getAttribute("d") ?? "";
  }

  it("are rings, and none where it is out of sight", () => {
    expect(drawn(0, 1, 3, 0, -1, 0)).toMatch(/^M100.0 150.0m-4 0a[^M]*M50.0 100.0m-4 0a[^M]*$/);
  });

  it("are dots where there are many", () => {
    const path = drawn(...Array.from({ length: 1002 }, () => 0));
    expect(path).toBe("M100.0 100.0m-2-2h4v4h-4z".repeat(501));
  });
});

describe("the points of a path", () => {
  const scale = (/** @type {number} */ place) => 10 * place;

  /** The rings of a path of so many points, by what they are and where. @param {number} count */
  function drawn(count) {
    const overlay = createOverlay();
    const path = Array.from({ length: count }, (_, i) => /** @type {[number, number]} */ ([i, 0]));
    paintMarks(overlay, scale, scale, { spot: [0, 0], over: null, path, found: NONE });
    const rings = overlay.children[1].querySelectorAll(".lw-end, .lw-turn");
    return [...rings].map((one) => [one.getAttribute("class"), Number(one.getAttribute("cx"))]);
  }

  it("are each ringed where they are few, as the turns of a chat, and its ends are filled", () => {
    expect(drawn(4)).toEqual([
      ["lw-end", 0],
      ["lw-turn", 10],
      ["lw-turn", 20],
      ["lw-end", 30],
    ]);
    expect(drawn(30)).toHaveLength(30);
    expect(drawn(1)).toEqual([["lw-end", 0]]);
    expect(drawn(0)).toEqual([]);
  });

  it("are not ringed where they are many: the ends alone are", () => {
    expect(drawn(31)).toEqual([
      ["lw-end", 0],
      ["lw-end", 300],
    ]);
  });
});

describe("arrows of a path", () => {
  it("are left out where a step is too short for one", () => {
    const overlay = createOverlay();
    const scale = (/** @type {number} */ place) => 50 * place;
    const path = /** @type {[number, number][]} */ ([
      [0, 0],
      [0.3, 0],
      [0.3, 0],
      [0.3, 0.5],
    ]);
    paintMarks(overlay, scale, scale, { spot: [0, 0], over: null, path, found: NONE });
    expect(overlay.children[1].querySelectorAll(".lw-arrow")).toHaveLength(1);
  });
});

describe("the point under the mouse", () => {
  const count = 3000;
  const points = Float32Array.from({ length: 4 * count }, (_, i) => {
    const random = Math.sin(i * 12.9898) * 43758.5453;
    return 2 * (random - Math.floor(random)) - 1;
  });
  const picker = new Picker(points, 4);

  it.each([
    [0, 0, 0.1],
    [0.3, -0.7, 0.03],
    [-1, 1, 0.2],
    [1.05, 0, 0.1],
    [0, 0, 3],
  ])("is the nearest of all to (%f, %f) within %f", (x, y, reach) => {
    let best = null;
    let least = reach;
    for (let row = 0; row < count; row++) {
      const gap = Math.hypot(points[4 * row] - x, points[4 * row + 1] - y);
      if (gap < least) [best, least] = [row, gap];
    }
    expect(best).not.toBeNull();
    expect(picker.nearest(x, y, reach)).toBe(best);
  });

  it("is none where none is near", () => {
    expect(picker.nearest(3, 3, 0.5)).toBeNull();
    expect(new Picker(Float32Array.of(0, 0, 0, 0), 4).nearest(0.5, 0, 0.4)).toBeNull();
    expect(new Picker(Float32Array.of(0, 0, 0, 0), 4).nearest(0.5, 0, 0.6)).toBe(0);
  });
});
