/** A request as a program: what is copied runs as it is, and reads its credentials from the environment. */

import type { Operation } from "./operation";
import type { Who } from "./who";

export type Copied = {
  /** The whole address of the API. */
  readonly url: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operation: Operation;
  readonly who: Who;
};

/** What the copy needs of the environment: a request with credentials of its own needs nothing. */
export function needs({ operation, who }: Copied): "nothing" | "secret" | "key" {
  if (operation.hasAuth) return "nothing";
  return who.by === "key" ? "key" : "secret";
}

const isStream = ({ operation }: Copied) => operation.kind === "subscription";

function bodyOf({ query, variables, operation }: Copied) {
  const given = Object.keys(variables).length ? { variables } : {};
  return { query, ...given, ...(operation.name ? { operationName: operation.name } : {}) };
}

export function asCurl(copied: Copied): string {
  const flags = { nothing: "", secret: ' -u "$APP_ID:$APP_SECRET"', key: ' -H "Authorization: Bearer $HEROPIXEL_KEY"' };
  const lines = [
    `curl${isStream(copied) ? " -N" : ""}${flags[needs(copied)]} ${quoted(copied.url)}`,
    ...(isStream(copied) ? ["-H 'Accept: text/event-stream'"] : []),
    "-H 'Content-Type: application/json'",
    `-d ${quoted(JSON.stringify(bodyOf(copied)))}`,
  ];
  return `${lines.join(" \\\n  ")}\n`;
}

/** One word of a POSIX shell. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export function asPython(copied: Copied): string {
  const { query, ...rest } = bodyOf(copied);
  const authorization = {
    nothing: [],
    secret: [
      'pair = os.environ["APP_ID"] + ":" + os.environ["APP_SECRET"]',
      'headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()',
    ],
    key: ['headers["Authorization"] = "Bearer " + os.environ["HEROPIXEL_KEY"]'],
  }[needs(copied)];
  const modules = { nothing: ["json"], secret: ["base64", "json", "os"], key: ["json", "os"] }[needs(copied)];
  const show = isStream(copied)
    ? ["    for line in response:", '        print(line.decode(), end="", flush=True)']
    : ["    print(json.dumps(json.load(response), indent=2, ensure_ascii=False))"];
  return [
    ...modules.map((name) => `import ${name}`),
    "import urllib.request",
    "",
    `query = ${pythonText(query)}`,
    `body = ${python({ ...rest }).replace("{", `{"query": query${Object.keys(rest).length ? ", " : ""}`)}`,
    `headers = {"Content-Type": "application/json"${isStream(copied) ? ', "Accept": "text/event-stream"' : ""}}`,
    ...authorization,
    `request = urllib.request.Request(${JSON.stringify(copied.url)}, json.dumps(body).encode(), headers)`,
    "with urllib.request.urlopen(request) as response:",
    ...show,
    "",
  ].join("\n");
}

const pythonText = (text: string) => (/\\|"""|"$/.test(text) ? JSON.stringify(text) : `"""${text}"""`);

/** JSON as a Python literal. */
function python(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${python(one)}`).join(", ")}}`;
}

export function asTypeScript(copied: Copied): string {
  const { query, ...rest } = bodyOf(copied);
  const authorization = {
    nothing: [],
    secret: ["    Authorization: `Basic ${btoa(`${process.env.APP_ID}:${process.env.APP_SECRET}`)}`,"],
    key: ["    Authorization: `Bearer ${process.env.HEROPIXEL_KEY}`,"],
  }[needs(copied)];
  const given = Object.entries(rest).map(([name, value]) => `, ${name}: ${indented(JSON.stringify(value, null, 2))}`);
  const show = isStream(copied)
    ? ["for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) console.log(part);"]
    : ["console.log(JSON.stringify(await response.json(), null, 2));"];
  return [
    `const query = \`${query.replace(/[\\`]|\$\{/g, "\\$&")}\`;`,
    "",
    `const response = await fetch(${JSON.stringify(copied.url)}, {`,
    '  method: "POST",',
    "  headers: {",
    '    "Content-Type": "application/json",',
    ...(isStream(copied) ? ['    Accept: "text/event-stream",'] : []),
    ...authorization,
    "  },",
    `  body: JSON.stringify({ query${given.join("")} }),`,
    "});",
    ...show,
    "",
  ].join("\n");
}

const indented = (text: string) => text.replaceAll("\n", "\n  ");
