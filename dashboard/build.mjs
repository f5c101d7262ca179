/** Builds the dashboard and the explorer into the Python package: files with hashed names, each also compressed, and the pages. */

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { generate } from "./codegen.mjs";
import { makeCountries } from "./countries.mjs";
import { SHARED } from "./shared.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const into = process.argv[2] || here("../src/heropixel/static/");

/** Each page has files of its own, so that what one grows by costs the other nothing. `soon` is loaded with the script. */
const PAGES = [
  { name: "dashboard", html: "index.html", app: "src/main.tsx", style: "src/styles/all.css", soon: /^drawing-.*\.js$/, oneFirstFile: true },
  { name: "explore", html: "explore.html", app: "src/explore/main.tsx", style: "src/explore/styles/all.css" },
];

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

const documents = await generate();
makeCountries();
for (const page of PAGES) await pack(page);
writeFileSync(join(into, "dashboard/shared_documents.json"), JSON.stringify(Object.fromEntries(SHARED.map(hashed)), null, 2));

async function pack(page) {
  const folder = join(into, page.name);
  const { outputFiles, metafile } = await build({
    plugins: page.oneFirstFile ? [oneFirstFile] : [],
    entryPoints: { app: here(page.app), style: here(page.style) },
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
    outdir: folder,
    metafile: true,
    write: false,
  });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = page.oneFirstFile ? withFirstFile(outputFiles, metafile) : outputFiles.map((one) => [basename(one.path), one.contents]);
  for (const [name, contents] of files) keep(page, name, contents);
  const names = files.map(([name]) => name);
  keep(page, "index.html", Buffer.from(html(page, names, page.oneFirstFile ? [] : importedBy(metafile))));
}

/** The files under their names: the entry only imports the first file, which is asked for by itself, as that of the app. */
function withFirstFile(outputFiles, metafile) {
  const [path, { imports, bytes }] = Object.entries(metafile.outputs).find(([path]) => /app-[^/]*\.js$/.test(path));
  const [first, ...more] = imports.filter((one) => one.kind === "import-statement");
  if (!first || more.length || bytes > 200) throw new Error("What the first view needs is not one file.");
  const app = basename(first.path);
  const rename = (from) => from.replaceAll(app, app.replace("chunk-", "app-"));
  return outputFiles
    .filter((file) => basename(file.path) !== basename(path))
    .map(({ path, text, contents }) => [rename(basename(path)), path.endsWith(".js") ? Buffer.from(rename(text)) : contents]);
}

function keep({ name: folder }, name, contents) {
  const path = join(into, folder, name);
  writeFileSync(path, contents);
  const gzipped = gzipSync(contents, { level: 9 });
  writeFileSync(`${path}.gz`, gzipped);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  writeFileSync(`${path}.br`, brotliCompressSync(contents, { params: quality }));
  console.log(`${folder}/${name}: ${gzipped.length} bytes gzipped`);
}

/** A document that shares may run, and the hash by which the server knows it. */
function hashed(name) {
  const text = documents.get(name);
  if (!text) throw new Error(`There is no document ${name}, which shared.mjs names.`);
  return [name, createHash("sha256").update(text).digest("hex")];
}

/** The page names the files by addresses relative to itself, so that it works below a path behind a proxy. */
function html(page, names, imported) {
  const [style] = names.filter((name) => /^style-.*\.css$/.test(name));
  const [app] = names.filter((name) => /^app-.*\.js$/.test(name));
  const soon = [...imported, ...names.filter((name) => page.soon?.test(name))];
  const links = soon.map((name) => `<link rel="modulepreload" href="${page.name}/${name}">\n`);
  return readFileSync(here(page.html), "utf8")
    .replace("<!-- soon -->\n", links.join(""))
    .replace("STYLE", `${page.name}/${style}`)
    .replace("SCRIPT", `${page.name}/${app}`);
}

/** What the script imports at once. */
function importedBy({ outputs }) {
  const [, output] = Object.entries(outputs).find(([path]) => /app-[^/]*\.js$/.test(path));
  return output.imports.filter((one) => one.kind === "import-statement").map((one) => basename(one.path));
}
