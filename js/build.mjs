// Bundles every src/<widget>/index.js and index.css, every painter src/kinds/<kind>.js, and every part
// src/parts/<part>.js that only some widgets of a kind show, into latentwidgets/static, one file each.
// With --check it writes nothing, and fails where a committed bundle is not what its source gives.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { minify } from "terser";

const HERE = import.meta.dirname;
const STATIC = join(HERE, "..", "latentwidgets", "static");
const MOST_BYTES = 40_000;

/**
 * The entry points: "src/interpolator/index.js" becomes "interpolator.js", and "src/kinds/text.js"
 * "kind_text.js", which a page loads only where there are texts. "src/parts/cells.js" becomes
 * "part_cells.js", which an editor loads only where latents have layers.
 */
function entries() {
  const widgets = readdirSync(join(HERE, "src"));
  const bundles = widgets.flatMap((widget) =>
    ["js", "css"]
      .map((kind) => ({ source: `src/${widget}/index.${kind}`, name: `${widget}.${kind}` }))
      .filter(({ source }) => existsSync(join(HERE, source))),
  );
  const pieces = ["kinds", "parts"].flatMap((folder) =>
    readdirSync(join(HERE, "src", folder))
      .filter((file) => file.endsWith(".js"))
      .map((file) => ({ source: `src/${folder}/${file}`, name: `${folder.slice(0, -1)}_${file}` })),
  );
  return [...bundles, ...pieces];
}

async function bundle({ source, name }) {
  const note = `/* Built from js/${source} */`;
  const { outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: [source],
    banner: { js: note, css: note },
    bundle: true,
    charset: "utf8",
    format: "esm",
    legalComments: "none",
    minify: true,
    target: "es2022",
    write: false,
  });
  const { text } = outputFiles[0];
  return { name, text: name.endsWith(".js") ? await smaller(text, note) : text };
}

/**
 * What terser still finds to shorten, two to three parts of a hundred. It writes functions that use no
 * `this` as arrows, which no `new` may call: of ours, only classes are called so.
 */
async function smaller(text, note) {
  const { code } = await minify(text, {
    compress: { passes: 2, unsafe_arrows: true },
    ecma: 2020,
    format: { preamble: note },
    module: true,
  });
  return `${code}\n`;
}

/** What is wrong with the committed bundles: one sentence for each fault. */
function faults(bundles) {
  const names = bundles.map(({ name }) => name);
  const committed = existsSync(STATIC) ? readdirSync(STATIC) : [];
  const strays = committed.filter((name) => !names.includes(name));
  const stale = bundles.filter(
    ({ name, text }) =>
      !committed.includes(name) || readFileSync(join(STATIC, name), "utf8") !== text,
  );
  return [
    ...strays.map((name) => `latentwidgets/static/${name} has no source in js/src: remove it.`),
    ...stale.map(({ name }) => `latentwidgets/static/${name} is out of date: run \`make build\`.`),
  ];
}

/** Bundles that are too big for what a notebook should carry. */
function tooBig(bundles) {
  return bundles
    .map(({ name, text }) => ({ name, bytes: Buffer.byteLength(text) }))
    .filter(({ bytes }) => bytes > MOST_BYTES)
    .map(({ name, bytes }) => `${name} has ${bytes} bytes; a bundle has at most ${MOST_BYTES}.`);
}

const check = process.argv.includes("--check");
const bundles = await Promise.all(entries().map(bundle));
if (bundles.length === 0) {
  throw new Error("js/src holds no <widget>/index.js: nothing to bundle.");
}
if (!check) {
  mkdirSync(STATIC, { recursive: true });
  for (const { name, text } of bundles) writeFileSync(join(STATIC, name), text);
}
const wrong = [...(check ? faults(bundles) : []), ...tooBig(bundles)];
for (const line of wrong) console.error(line);
for (const { name, text } of bundles) console.log(`${name} ${Buffer.byteLength(text)} bytes`);
process.exitCode = wrong.length > 0 ? 1 : 0;
