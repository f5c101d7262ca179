/** Builds the script of a pixel into the Python package: one file, as small as it gets, for browsers since 2018. */

import { build, transform } from "esbuild";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const as = {
  minify: true,
  target: "es2018",
  supported: { "optional-catch-binding": true }, // of 2019, and in every browser since spring 2018
  charset: "ascii",
  tsconfigRaw: {}, // else a "use strict" that a module has no need of
};
const built = await build({
  entryPoints: [here("src/main.ts")],
  bundle: true,
  format: "esm",
  ...as,
  write: false,
});

// A second time, as one file: what the modules declare becomes one statement. With `let` none of it is global.
const { code } = await transform(built.outputFiles[0].text, { ...as, format: "esm" });
if (!code.startsWith("var ")) throw new Error(`The script begins in another way: ${code.slice(0, 40)}`);

// The comment is for Chromium: nearly every function runs as the page loads, and to compile them together takes a third
// less (https://github.com/WICG/explicit-javascript-compile-hints-file-based).
// What goes wrong before the first of our own functions runs must not reach the page either.
const script = `//# allFunctionsCalledOnLoad\ntry{${code.replace("var", "let").trim().replace(/;$/, "")}}catch{}`;
const file = process.argv[2] || here("../src/heropixel/static/pixel.js");
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, script);
console.log(`pixel.js: ${gzipSync(script, { level: 9 }).length} bytes gzipped`);
