/** Builds the dashboard into the Python package: files with hashed names, each also compressed, and the page. */

import { build } from "esbuild";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { generate } from "./codegen.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const into = process.argv[2] || here("../src/heropixel/static/dashboard/");

/** Views that are loaded later take what they share with the first from its one file, not from a file for each set of views. */
const oneFirstFile = {
  name: "one-first-file",
  setup({ onResolve, onLoad }) {
    const later = new Set();
    onResolve({ filter: /^\.\/\w+\/\w+$/ }, ({ kind, path, resolveDir }) => {
      if (kind === "dynamic-import") later.add(join(resolveDir, `${path}.tsx`));
    });
    onLoad({ filter: /\.tsx$/ }, ({ path }) =>
      later.has(path) ? { contents: `import "../../main";\n${readFileSync(path, "utf8")}`, loader: "tsx" } : undefined,
    );
  },
};

await generate();
const { outputFiles, metafile } = await build({
  plugins: [oneFirstFile],
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
const [entry, app] = firstFile();
const files = outputFiles.filter((file) => basename(file.path) !== entry).map(named);
const names = files.map(([name]) => name);
for (const [name, contents] of files) keep(name, contents);
keep("index.html", Buffer.from(page()));

/** The entry only imports the first file, which is asked for by itself. */
function firstFile() {
  const [path, { imports, bytes }] = Object.entries(metafile.outputs).find(([path]) => /app-[^/]*\.js$/.test(path));
  const [first, ...more] = imports.filter((one) => one.kind === "import-statement");
  if (!first || more.length || bytes > 200) throw new Error("What the first view needs is not one file.");
  return [basename(path), basename(first.path)];
}

/** A file under the name that it gets: the first one is that of the app. */
function named({ path, text, contents }) {
  const rename = (from) => from.replaceAll(app, app.replace("chunk-", "app-"));
  return [rename(basename(path)), path.endsWith(".js") ? Buffer.from(rename(text)) : contents];
}

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
  const [script] = names.filter((name) => /^app-.*\.js$/.test(name));
  const [chart] = names.filter((name) => /^drawing-.*\.js$/.test(name)); // which the first view shows
  return readFileSync(here("index.html"), "utf8")
    .replace("<!-- soon -->", `<link rel="modulepreload" href="dashboard/${chart}">`)
    .replace("STYLE", `dashboard/${style}`)
    .replace("SCRIPT", `dashboard/${script}`);
}
