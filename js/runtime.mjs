// Puts onnxruntime-web, which runs decoders in a page, into latentwidgets/runtime: compressed, and
// with its licence. These files are not committed; wheels hold them.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

// Fetched by itself: what it depends on, it needs where it was built, and a page does not.
const PACKAGE = "onnxruntime-web@1.30.0";
const INTEGRITY =
  "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==";
const TO = join(import.meta.dirname, "..", "latentwidgets", "runtime");
const FILES = {
  "ort.mjs.gz": "ort.wasm.bundle.min.mjs",
  "ort.wasm.gz": "ort-wasm-simd-threaded.wasm",
  // For GPUs. The other build that knows WebGPU needs no JSPI, but takes 2.5 MB more.
  "ort.webgpu.mjs.gz": "ort.jspi.bundle.min.mjs",
  "ort.webgpu.wasm.gz": "ort-wasm-simd-threaded.jspi.wasm",
};
// The package has its licence by name only, and of what else is in its builds it says nothing.
const NOTICES = `https://github.com/microsoft/onnxruntime/blob/v${PACKAGE.split("@")[1]}/ThirdPartyNotices.txt`;
const LICENSE = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.

These builds contain code of others, whose notices the package does not hold. They are in
${NOTICES}.
What names of theirs are found in the builds belong to

  ONNX              Apache-2.0    https://github.com/onnx/onnx
  Protocol Buffers  BSD-3-Clause  https://github.com/protocolbuffers/protobuf
  Abseil            Apache-2.0    https://github.com/abseil/abseil-cpp
  RE2               BSD-3-Clause  https://github.com/google/re2
  FlatBuffers       Apache-2.0    https://github.com/google/flatbuffers
  Eigen             MPL-2.0       https://gitlab.com/libeigen/eigen
  JSON for C++      MIT           https://github.com/nlohmann/json
  GSL               MIT           https://github.com/microsoft/GSL
  SafeInt           MIT           https://github.com/dcleblanc/SafeInt
  Emscripten        MIT           https://github.com/emscripten-core/emscripten

and, in the build for GPUs alone, to

  Dawn              BSD-3-Clause  https://dawn.googlesource.com/dawn
`;

/** Fetch the package, and give the folder that it was unpacked to. */
function fetched(folder) {
  const how = { cwd: folder, encoding: "utf8", shell: process.platform === "win32" };
  // From the folder of this file, whose .npmrc says how long npm waits. A shell would cut a path at
  // its spaces.
  const env = { ...process.env, npm_config_pack_destination: folder };
  const [{ filename, integrity }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", PACKAGE], { ...how, cwd: import.meta.dirname, env }),
  );
  if (integrity !== INTEGRITY) throw new Error(`${PACKAGE} is ${integrity}, not ${INTEGRITY}.`);
  execFileSync("tar", ["-xzf", filename], how);
  return join(folder, "package");
}

const folder = mkdtempSync(join(tmpdir(), "onnxruntime-web-"));
try {
  const from = fetched(folder);
  const about = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  if (about.license !== "MIT") throw new Error(`onnxruntime-web has the licence ${about.license}.`);
  mkdirSync(TO, { recursive: true });
  for (const [name, source] of Object.entries(FILES)) {
    const packed = gzipSync(readFileSync(join(from, "dist", source)), { level: 9 });
    writeFileSync(join(TO, name), packed);
    console.log(`runtime/${name} ${packed.length} bytes`);
  }
  writeFileSync(join(TO, "LICENSE"), `onnxruntime-web ${about.version}\n\n${LICENSE}`);
  writeFileSync(join(TO, "version.txt"), `${about.version}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
