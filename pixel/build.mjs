/** Builds the script of a pixel into the Python package: one file, as small as it gets, for browsers since 2018. */

import { build } from "esbuild";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const built = await build({
  entryPoints: [here("src/main.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2018",
  supported: { "optional-catch-binding": true }, // of 2019, and in every browser since spring 2018
  charset: "ascii",
  tsconfigRaw: {}, // else a "use strict" that a module has no need of
  write: false,
});

// The comment is for Chromium: nearly every function runs as the page loads, and to compile them together takes a third
// less (https://github.com/WICG/explicit-javascript-compile-hints-file-based).
// What goes wrong before the first of our own functions runs must not reach the page either.
const script = `//# allFunctionsCalledOnLoad\ntry{${built.outputFiles[0].text.trim().replace(/;$/, "")}}catch{}`;
const file = process.argv[2] || here("../src/heropixel/static/pixel.js");
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, script);
console.log(`pixel.js: ${gzipSync(script, { level: 9 }).length} bytes gzipped`);
