import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { asCurl, asPython, asTypeScript, type Copied } from "../src/explore/copies";
import { operationAt, tidied, titleOf, variablesOf } from "../src/explore/operation";
import { fromFragment, linkTo, withoutSecrets } from "../src/explore/request";
import { found, placeOf } from "../src/explore/schema";
import { headersOf, whoGave } from "../src/explore/who";
import { explorerHref } from "../src/explorer";

const SECRET = "hps_E2WxNwDaswUYHbcthaOpMluDVJEQYdRx9xUDOwfO0DA";

test.each([
  [`{ app(auth: { appId: "app_1", appSecret: "${SECRET}" }) { code } }`, '{ app(auth: { appId: "app_1", appSecret: "..." }) { code } }'],
  ['{"auth": {"appId": "app_1", "appSecret": "old \\" one"}}', '{"auth": {"appId": "app_1", "appSecret": "..."}}'],
  [`# ${SECRET}`, "# ..."],
  ["Bearer hpk_abc-DEF_1", "Bearer ..."],
  ['mutation { setPassword(password: """one\ntwo""", current: "three") { code } }', 'mutation { setPassword(password: "...", current: "...") { code } }'],
  ['{"token": "abc"}', '{"token": "..."}'],
  ['{ users(search: { trait: { name: "plan", value: "pro" } }) { code } }', null],
])("secrets are taken out of what is kept or linked to: %s", (text, kept) => {
  expect(withoutSecrets(text)).toBe(kept ?? text);
});

test("a link brings back what was written, and is the one that the dashboard makes", () => {
  const written = { query: "query A($b: Int) {\n  c(d: $b) # ü & =\n}", variables: '{\n  "b": 1\n}' };
  const link = linkTo("https://example.com/explore", written);
  expect(fromFragment(new URL(link).hash)).toEqual(written);
  expect(explorerHref(written.query, { b: 1 })).toBe(`explore${new URL(link).hash}`);
  expect(fromFragment("#/pixels/1")).toBeNull();
});

const TWO = "query A { me { code } }\nmutation B { pageview(auth: $a, event: $e) { code } }";

test("the operation under the cursor is run, and an only one wherever the cursor is", () => {
  expect(operationAt(TWO, 3)).toEqual({ name: "A", kind: "query", hasAuth: false });
  expect(operationAt(TWO, TWO.length)).toEqual({ name: "B", kind: "mutation", hasAuth: true });
  expect(operationAt("subscription { pageviewRecorded { url } }", 0)).toEqual({ name: null, kind: "subscription", hasAuth: false });
  expect(operationAt("{ what", 2)).toEqual({ name: null, kind: "query", hasAuth: false });
});

test("a request is listed by its name, or by what it asks", () => {
  expect([titleOf(TWO), titleOf("{ me { code } }"), titleOf("{ what")]).toEqual(["A", "me", null]);
});

test("tidying up keeps comments by leaving the document as it is", () => {
  expect(tidied("{me{code}}")).toBe("{\n  me {\n    code\n  }\n}");
  expect(tidied("# why\n{me{code}}")).toBe("# why\n{me{code}}");
});

test("variables are an object, and none where nothing is written", () => {
  expect(variablesOf(" \n")).toEqual({});
  expect(variablesOf('{"a": 1}')).toEqual({ a: 1 });
  for (const wrong of ["[1]", "1", "null", "{"]) expect(() => variablesOf(wrong)).toThrow();
});

test("a key is told from a secret by how it begins", () => {
  expect(headersOf(whoGave("app_1", "hps_é"))).toEqual({ authorization: "Basic YXBwXzE6aHBzX8Op" });
  expect(headersOf(whoGave("", "hpk_1"))).toEqual({ authorization: "Bearer hpk_1" });
  expect(headersOf({ by: "session", app: "app_1" })).toEqual({ "heropixel-app": "app_1" });
});

const COPIED: Copied = {
  url: "https://example.com/pixels/graphql",
  query: 'query It { a(b: "it\'s ${x} `y` \\\\ """z""") }',
  variables: { none: null, yes: true, list: [1.5, "ü'"] },
  operation: { name: null, kind: "query", hasAuth: false },
  who: { by: "secret", appId: "app_1", secret: SECRET },
};

test("a copy names variables of the environment, never the secret itself", () => {
  const key: Copied = { ...COPIED, who: { by: "key", key: "hpk_1" } };
  const own: Copied = { ...COPIED, operation: { ...COPIED.operation, hasAuth: true } };
  for (const as of [asCurl, asPython, asTypeScript]) {
    expect(as(COPIED)).toContain("APP_SECRET");
    expect(as(COPIED)).not.toContain(SECRET);
    expect(as(key)).toContain("HEROPIXEL_KEY");
    expect(as(key)).not.toContain("hpk_1");
    expect(as(own)).not.toMatch(/APP_SECRET|HEROPIXEL_KEY/);
  }
});

test("the copy of a subscription asks for a stream", () => {
  const live: Copied = { ...COPIED, operation: { name: null, kind: "subscription", hasAuth: false } };
  for (const as of [asCurl, asPython, asTypeScript]) expect(as(live)).toContain("text/event-stream");
  expect(asCurl(live)).toContain("curl -N ");
});

test("what is looked for in the schema is found: types first, then fields of the roots", () => {
  const schema = buildSchema("type Query { pixel: Pixel } type Pixel { pixelId: Int } enum Kind { PIXEL }");
  expect(found(schema, "PIX")).toEqual([
    { type: "Pixel" },
    { type: "Query", field: "pixel" },
    { type: "Pixel", field: "pixelId" },
    { type: "Kind" },
  ]);
  expect(placeOf("pixel", "Pixel!", "Query")).toEqual({ type: "Query", field: "pixel" });
  expect(placeOf(undefined, "[Pixel!]!")).toEqual({ type: "Pixel" });
  expect(placeOf()).toBeNull();
});
