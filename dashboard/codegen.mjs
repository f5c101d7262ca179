/** Makes a typed string of each GraphQL document: `overview.graphql` gets `overview.graphql.ts` beside it. */

import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import { buildSchema, Kind, parse, print, visit } from "graphql";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const SOURCES = fileURLToPath(new URL("src/", import.meta.url));
const EXPLORER = join(SOURCES, "explore/"); // its examples have names of their own
const SCHEMA = fileURLToPath(new URL("../src/heropixel/api/schema.graphql", import.meta.url));
const CONFIG = {
  enumType: "string-literal",
  scalars: { DateTime: "string", JSON: "unknown", Timestamp: "string | number" },
  skipTypename: true,
  useTypeImports: true,
};

/** Write the typed strings of all documents, and return those of the dashboard by name. Fragments may stand in any file. */
export async function generate() {
  const text = readFileSync(SCHEMA, "utf8");
  const [schema, schemaAst] = [parse(text), buildSchema(text)];
  const files = readdirSync(SOURCES, { recursive: true })
    .filter((name) => name.endsWith(".graphql"))
    .sort()
    .map((name) => ({ location: join(SOURCES, name), document: parse(readFileSync(join(SOURCES, name), "utf8")) }));
  const texts = new Map();
  const fragments = new Map(files.flatMap((file) => file.document.definitions.filter(isFragment).map(named)));
  for (const { location, document } of files) {
    const asked = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
    const definitions = [...document.definitions, ...asked.flatMap((one) => fragmentsOf(one, fragments))];
    const types = await codegen({
      schema,
      schemaAst,
      documents: [{ location, document: { ...document, definitions: [...new Set(definitions)] } }],
      filename: `${location}.ts`,
      config: CONFIG,
      plugins: [{ operations: {} }],
      pluginMap: { operations },
    });
    const written = new Map(asked.map((one) => [one, textOf(one, fragmentsOf(one, fragments))]));
    if (!location.startsWith(EXPLORER)) {
      for (const [one, text] of written) texts.set(free(one.name.value, texts), text);
    }
    const strings = [...written].map(([one, text]) => stringOf(one, text));
    const home = relative(dirname(location), join(SOURCES, "graphql")).replace(/^(?!\.)/, "./");
    const imported = strings.length ? `import type { Document } from "${home}";\n` : "";
    writeIfChanged(`${location}.ts`, `// Made by codegen.mjs.\n${imported}${types}\n${strings.join("\n")}`);
  }
  return texts;
}

/** A name that no other document has: shares name documents by it. */
function free(name, texts) {
  if (texts.has(name)) throw new Error(`Two documents of the dashboard have the name ${name}.`);
  return name;
}

const isFragment = (definition) => definition.kind === Kind.FRAGMENT_DEFINITION;
const named = (fragment) => [fragment.name.value, fragment];

function fragmentsOf(definition, fragments, found = new Set()) {
  visit(definition, {
    FragmentSpread(spread) {
      const fragment = fragments.get(spread.name.value);
      if (!fragment) throw new Error(`There is no fragment ${spread.name.value}.`);
      if (found.has(fragment)) return;
      found.add(fragment);
      fragmentsOf(fragment, fragments, found);
    },
  });
  return [...found];
}

const textOf = (operation, fragments) => [operation, ...fragments].map(print).join("\n\n");

function stringOf(operation, text) {
  const name = operation.name.value;
  const kind = operation.operation[0].toUpperCase() + operation.operation.slice(1);
  return `export const ${name}Document = ${JSON.stringify(text)} as Document<${name}${kind}, ${name}${kind}Variables>;\n`;
}

// A file that is written anew makes those who watch it work.
export function writeIfChanged(path, text) {
  let before = "";
  try {
    before = readFileSync(path, "utf8");
  } catch {
    // It is not there yet.
  }
  if (before !== text) writeFileSync(path, text);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await generate();
