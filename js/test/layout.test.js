// @vitest-environment node
/// <reference types="vite/client" />
import { parseAst } from "vite";
import { describe, expect, it } from "vitest";

/** What rests on nothing comes first. A room may use those before it, never one after it. */
const ROOMS = [
  ...["loader", "dom", "frames", "stage", "recorded"],
  ...["controls", "decode_in_page", "parts", "widget"],
];
const MOST_LINES = 350;
const MOST_LINES_OF_A_FUNCTION = 120;
/** The one rule for what is not ours: the boxes of a notebook around an explorer. */
const AROUND_EXPLORERS = /\.jp-CodeCell[^{}]*\.lw-latent-explorer[^{}]*\{\s*overflow: clip;\s*\}/;

/** @type {Record<string, string>} */
const FOUND = import.meta.glob("../src/**/*.{js,css}", {
  query: "?raw",
  import: "default",
  eager: true,
});
const TEXTS = new Map(
  Object.entries(FOUND).map(([path, text]) => [path.slice("../src/".length), text]),
);
const FILES = [...TEXTS.keys()];

/** @param {string} file */
function folderOf(file) {
  return file.split("/")[0];
}

/** The room of a file. @param {string} file */
function roomOf(file) {
  const folder = folderOf(file);
  if (folder === "kinds") return "stage"; // a painter may use what frames are made of, no more
  return ROOMS.includes(folder) ? folder : "widget";
}

/** Files that a file uses, in comments (the types) and style sheets too. @param {string} file */
function usedBy(file) {
  const text = TEXTS.get(file) ?? "";
  const found = text.matchAll(/(?:\bfrom |\bimport |\bimport\(|@import )"(\.[^"]+)"/g);
  const here = new URL(file, "file:///");
  return [...found].map(([, path]) => new URL(path, here).pathname.slice(1));
}

/** Names of classes in a text, without those of properties and attributes. @param {string} text */
function classesIn(text) {
  return new Set([...text.matchAll(/(?<![\w-])lw-\w[\w-]*/g)].map(([name]) => name));
}

/** What the rules of a style sheet select, one selector each. @param {string} sheet */
function selectorsOf(sheet) {
  const bare = sheet
    .replace(/\/\*.*?\*\//gs, "")
    .replace(AROUND_EXPLORERS, "")
    .replace(/\([^()]*\)/g, "");
  const heads = [...bare.matchAll(/([^{};]+)\{/g)].map(([, head]) => head.trim());
  return heads.filter((head) => !head.startsWith("@")).flatMap((head) => head.split(","));
}

/** Selectors that may hit what another folder makes. @param {string} file a widget's own sheet */
function strayIn(file) {
  const folder = folderOf(file);
  const others = FILES.filter((other) => folderOf(other) !== folder);
  const taken = new Set(others.flatMap((other) => [...classesIn(TEXTS.get(other) ?? "")]));
  const theirs = (/** @type {string} */ selector) =>
    [...classesIn(selector)].every((name) => taken.has(name));
  return selectorsOf(TEXTS.get(file) ?? "").filter((one) => one.includes(".") && theirs(one));
}

/**
 * The functions of a text, with those in them: where each begins, and how many lines it has.
 * @param {string} text
 */
function functionsIn(text) {
  /** @type {{ line: number, lines: number }[]} */
  const found = [];
  const lineOf = (/** @type {number} */ at) => text.slice(0, at).split("\n").length;
  /** @param {any} node of the parsed text, or what is in one */
  function walk(node) {
    if (node === null || typeof node !== "object") return;
    if (/Function/.test(node.type)) {
      const line = lineOf(node.start);
      found.push({ line, lines: lineOf(node.end) - line + 1 });
    }
    for (const part of Object.values(node)) walk(part);
  }
  walk(parseAst(text));
  return found;
}

/**
 * A way through a graph that leads back to where it began; null where there is none.
 * @param {Map<string, string[]>} graph
 */
function circleIn(graph) {
  /** @type {Set<string>} */
  const done = new Set();
  /** @param {string} node @param {string[]} way @returns {string[] | null} */
  function walk(node, way) {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const circle = walk(next, [...way, node]);
      if (circle) return circle;
    }
    done.add(node);
    return null;
  }
  for (const node of graph.keys()) {
    const circle = walk(node, []);
    if (circle) return circle;
  }
  return null;
}

describe("the files of js/src", () => {
  it("are found, with what they use", () => {
    expect(FILES.length).toBeGreaterThan(40);
    expect(usedBy("stage/stage.js")).toContain("stage/scheduler.js");
    expect(usedBy("stage/scheduler.js"), "types count").toContain("stage/place.js");
    expect(usedBy("latent_map/index.css")).toContain("dom/theme.css");
  });

  it.each(FILES)("%s uses files that exist, of its own room or of one below", (file) => {
    for (const used of usedBy(file)) {
      expect(FILES).toContain(used);
      const [own, other] = [file, used].map((one) => ROOMS.indexOf(roomOf(one)));
      expect(other, `${file} uses ${used}`).toBeLessThanOrEqual(own);
      const apart = ["widget", "stage"].includes(roomOf(file)) && own === other;
      if (apart) expect(folderOf(used), `${file} uses ${used}`).toBe(folderOf(file));
    }
  });

  it("use one another in no circle", () => {
    expect(
      circleIn(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toEqual(["b", "c", "b"]);
    expect(circleIn(new Map(FILES.map((file) => [file, usedBy(file)])))).toBeNull();
  });

  // The sheets of all widgets are on one page: a rule of one would change what another shows.
  it.each(FILES.filter((file) => roomOf(file) === "widget" && file.endsWith(".css")))(
    "%s styles only what is its widget's own, by a class that no other folder has",
    (file) => {
      expect(selectorsOf(TEXTS.get(file) ?? "").length).toBeGreaterThan(5);
      expect(strayIn(file)).toEqual([]);
    },
  );

  it.each(FILES.filter((file) => file.endsWith(".css")))(
    "%s keeps things apart by multiples of 4 px, or by 1 or 2",
    (file) => {
      const rules = (TEXTS.get(file) ?? "").matchAll(
        /(?<![\w-])(?:(?:row-|column-)?gap|(?:padding|margin)[\w-]*):([^;]+);/g,
      );
      const lengths = [...rules].flatMap(([, value]) => value.match(/[\d.]+(?=px)/g) ?? []);
      expect(lengths.map(Number).filter((px) => px > 2 && px % 4 !== 0)).toEqual([]);
    },
  );

  it("send messages to the kernel in one place", () => {
    const senders = FILES.filter((file) => TEXTS.get(file)?.includes("model.send("));
    expect(senders).toEqual(["stage/messages.js"]);
  });

  it.each(FILES)("%s is not too long to read", (file) => {
    const lines = TEXTS.get(file)?.trimEnd().split("\n");
    expect(lines?.length).toBeLessThanOrEqual(MOST_LINES);
  });

  // A function without `this` may be an arrow in a bundle, which `new` refuses.
  it.each(FILES.filter((file) => file.endsWith(".js")))(
    "%s calls only classes with new",
    (file) => {
      expect(TEXTS.get(file)?.match(/\bnew [a-z_$]\w*\(/g) ?? []).toEqual([]);
    },
  );

  it("have functions, whose lines are counted", () => {
    const text = "class A {\n  #b() {\n    return () => 1;\n  }\n}\nexport function c() {\n\n}\n";
    expect(functionsIn(text)).toEqual([
      { line: 2, lines: 3 },
      { line: 3, lines: 1 },
      { line: 6, lines: 3 },
    ]);
  });

  it.each(FILES.filter((file) => file.endsWith(".js")))(
    "%s has no function that is too long to read in one sitting",
    (file) => {
      const all = functionsIn(TEXTS.get(file) ?? "");
      expect(all.filter(({ lines }) => lines > MOST_LINES_OF_A_FUNCTION)).toEqual([]);
    },
  );
});
