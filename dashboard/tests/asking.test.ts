import { expect, test } from "vitest";
import { explorerHref } from "../src/explorer";
import { answered, awayIn, requestOf, troubleOf } from "../src/graphql";
import { eventData, read } from "../src/live";
import { places, roundUp } from "../src/parts/drawing";

const DONE = { code: 200, message: "", reason: null };

test("who is not signed in has no answer, whichever field says so", () => {
  const refused = { code: 400, message: "Invalid credentials", reason: "INVALID_CREDENTIALS" };
  expect(answered({ data: { report: DONE, pixels: refused } })).toEqual({
    trouble: { kind: "signed-out", message: "Invalid credentials" },
  });
  expect(answered({ data: { report: DONE } })).toEqual({ data: { report: DONE } });
});

test("what the API does not understand is said in its words", () => {
  expect(answered({ errors: [{ message: "Unknown field" }] })).toEqual({ trouble: { kind: "refused", message: "Unknown field" } });
});

test("a field that could not be read is asked for again, one that was refused is not", () => {
  expect(troubleOf(DONE)).toBeNull();
  expect(troubleOf({ code: 500, message: "m", reason: "EVENT_STORE_UNAVAILABLE" })?.kind).toBe("away");
  expect(troubleOf({ code: 400, message: "m", reason: "INVALID_FILTER" })?.kind).toBe("refused");
});

test("an answer lacks what could not be read, whichever field says so", () => {
  const away = { code: 500, message: "Not now. Try again in a moment", reason: "EVENT_STORE_UNAVAILABLE" };
  expect(awayIn({ me: DONE, report: away })).toEqual({ kind: "away", message: "Not now. Try again in a moment." });
  expect(awayIn({ me: DONE, report: { ...away, code: 400, reason: "INVALID_FILTER" }, now: null })).toBeNull();
});

test.each([
  [500, "LIVE_INTERRUPTED", "ended"],
  [400, "TOO_MANY_SUBSCRIPTIONS", "refused"],
])("a stream that ends with the code %i and %s has %s", async (code, reason, how) => {
  const errors = JSON.stringify({ errors: [{ message: "m", extensions: { code, reason } }] });
  const heard: unknown[] = [];
  const stream = new Response(`:\n\nevent: next\ndata: {"data":{"n":1}}\n\nevent: next\ndata: ${errors}\n\nevent: complete\ndata:\n\n`);
  expect(await read(stream.body!, (data) => heard.push(data))).toBe(how);
  expect(heard).toEqual([{ n: 1 }]);
});

test("the app stands in a header where the address names it", () => {
  expect(requestOf("{ me }", {}, "application/json", { app: "app_1" }).headers).toMatchObject({ "heropixel-app": "app_1" });
  expect(requestOf("{ me }", {}, "application/json", {}).headers).not.toHaveProperty("heropixel-app");
});

test.each([
  [":", null],
  ["event: complete\ndata:", null],
  ['event: next\ndata: {"data":{"n":1}}', { data: { n: 1 } }],
  ['event: next\ndata: {"errors":[{"message":"m"}]}', { errors: [{ message: "m" }] }],
])("an event of the stream is read: %j", (event, said) => {
  expect(eventData(event)).toEqual(said);
});

test("a link into the explorer has the document and its variables in its fragment", () => {
  const [path, fragment] = explorerHref("query Q { me }", { a: "ü&" }).split("#");
  const given = new URLSearchParams(fragment);
  expect(path).toBe("explore");
  expect([given.get("query"), JSON.parse(given.get("variables") ?? "")]).toEqual(["query Q { me }", { a: "ü&" }]);
});

test.each([
  [0, true, 4],
  [3, true, 4],
  [5, true, 8],
  [45, true, 60],
  [97, true, 100],
  [1234, true, 1600],
  [0, false, 4],
  [0.41, false, 0.6],
])("the axis of a chart up to %s, whole: %s, ends at %s", (most, whole, top) => {
  expect(roundUp(most, whole)).toBeCloseTo(top);
});

test("a chart has as many labels as there is room for", () => {
  expect(places(30, 1000)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  expect(places(7, 2000)).toHaveLength(7);
  expect(places(30, 40)).toEqual([0]);
});
