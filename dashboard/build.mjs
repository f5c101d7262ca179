/** Builds the dashboard into the Python package: files with hashed names, each also compressed, and the page. */

import { build } from "esbuild";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { generate } from "./codegen.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const into = process.argv[2] || here("../src/heropixel/static/dashboard/");

await generate();
const { outputFiles, metafile } = await build({
  entryPoints: { app: here("src/main.tsx"), style: here("src/styles/all.css") },
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: ["es2022", "chrome123", "firefox120", "safari17.5"], // the first with light-dark()
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  outdir: into,
  metafile: true,
  write: false,
});

rmSync(into, { recursive: true, force: true });
mkdirSync(into, { recursive: true });
const names = outputFiles.map((file) => basename(file.path));
for (const file of outputFiles) keep(basename(file.path), file.contents);
keep("index.html", Buffer.from(page()));

function keep(name, contents) {
  writeFileSync(join(into, name), contents);
  const gzipped = gzipSync(contents, { level: 9 });
  writeFileSync(join(into, `${name}.gz`), gzipped);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  writeFileSync(join(into, `${name}.br`), brotliCompressSync(contents, { params: quality }));
  console.log(`dashboard/${name}: ${gzipped.length} bytes gzipped`);
}

/** The page names the files by addresses relative to itself, so that it works below a path behind a proxy. */
function page() {
  const [style] = names.filter((name) => /^style-.*\.css$/.test(name));
  const [app] = names.filter((name) => /^app-.*\.js$/.test(name));
  const soon = importedBy(app).map((name) => `<link rel="modulepreload" href="dashboard/${name}">\n`);
  return readFileSync(here("index.html"), "utf8")
    .replace("<!-- soon -->\n", soon.join(""))
    .replace("STYLE", `dashboard/${style}`)
    .replace("SCRIPT", `dashboard/${app}`);
}

/** What the script imports at once, and the chart, which the first view shows: both are asked for with the script. */
function importedBy(app) {
  const [, output] = Object.entries(metafile.outputs).find(([path]) => basename(path) === app);
  const at_once = output.imports.filter((one) => one.kind === "import-statement").map((one) => basename(one.path));
  return [...at_once, ...names.filter((name) => /^drawing-.*\.js$/.test(name))];
}
