// @ts-nocheck: it works with files, by modules of Node whose types are not installed
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const JS = join(import.meta.dirname, "..");
const STATIC = join(JS, "..", "latentwidgets", "static");

/** A copy of the front end's source, with one painter more. @type {string} */
let folder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "latentwidgets-"));
  const copy = join(folder, "js");
  for (const name of ["src", "build.mjs", "package.json"]) {
    cpSync(join(JS, name), join(copy, name), { recursive: true });
  }
  cpSync(join(JS, "test", "bars.js"), join(copy, "src", "kinds", "bars.js"));
  symlinkSync(join(JS, "node_modules"), join(copy, "node_modules"), "junction");
  cpSync(STATIC, join(folder, "latentwidgets", "static"), { recursive: true });
  execFileSync(process.execPath, ["build.mjs"], { cwd: copy });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

it("a new kind's painter is built by being there, and changes no other bundle", () => {
  const built = join(folder, "latentwidgets", "static");
  const old = readdirSync(STATIC);
  expect(readdirSync(built).sort()).toEqual([...old, "kind_bars.js"].sort());
  for (const name of old) {
    expect(
      readFileSync(join(built, name), "utf8") === readFileSync(join(STATIC, name), "utf8"),
    ).toBe(true);
  }
});

it("what was built paints frames of the new kind", async () => {
  const source = readFileSync(join(folder, "latentwidgets", "static", "kind_bars.js"), "base64");
  const { default: createBars } = await import(`data:text/javascript;base64,${source}`);
  const kind = createBars(new AbortController().signal);
  const root = kind.create("lw-picture", new AbortController().signal);
  kind.paint(root, await kind.open({ size: 9, text: async () => "0.5 1\n0 0.25" }));
  const heights = [...root.children].map((bar) => bar.style.height);
  expect(heights).toEqual(["50%", "100%", "0%", "25%"]);
});
