import { expect, test } from "vitest";
import { addressOf, hrefOf } from "../src/address";
import { addressOfView, isShown, showsOf } from "../src/shell/saved/kept";
import type { KeptFragment } from "../src/shell/saved/saved.graphql";

/** A view as the server answers it. */
const kept = (fragment: string): KeptFragment => {
  const { table, range, compare, filter, options } = showsOf(addressOf(fragment));
  const shows = { table: table ?? null, range, compare: compare ?? null, filter: filter ?? null, options: [...(options as [])] };
  return { id: "view_1", name: "Mine", owner: "MEMBER", pixelId: null, shows };
};

test.each([
  "#/pixels/1",
  "#/pixels/1?app=app_1&period=last-7-days&compare=none",
  "#/pixels/1?period=2026-11-01..2026-11-15&compare=previous-year",
  "#/pixels/1?filter=page~like~/shop/*|country~is-not~DE~AT&filter=source~is~Google",
  "#/pixels/1?metric=bounce-rate&from=sources&sort.sources=visitors-asc",
  "#/pixels/1/table/cities?sort.cities=pageviews-asc",
])("a saved view opens what was shown: %s", (fragment) => {
  const there = addressOfView(kept(fragment), addressOf(fragment));
  expect(there && hrefOf(there)).toBe(fragment);
  expect(isShown(kept(fragment), addressOf(fragment))).toBe(true);
});

test("a view for all pixels opens at the one that is looked at", () => {
  const there = addressOfView(kept("#/pixels/1?period=today&by=hour"), addressOf("#/pixels/2/table/pages?filter=page~is~/"));
  expect(there && hrefOf(there)).toBe("#/pixels/2?period=today&by=hour");
});

test("which page of a table is read is not kept, and does not matter", () => {
  const view = kept("#/pixels/1/table/pages?page=3");
  expect(view.shows.options).toEqual([]);
  expect(isShown(view, addressOf("#/pixels/1/table/pages?page=2"))).toBe(true);
  expect(isShown(view, addressOf("#/pixels/1/table/pages?period=today"))).toBe(false);
});

test("a filter that only the API can make is not opened as something else", () => {
  const view = kept("#/pixels/1");
  const filter = { not: { on: { dimension: "PAGE", contains: ["/a"] } } };
  expect(addressOfView({ ...view, shows: { ...view.shows, filter } }, addressOf("#/pixels/1"))).toBeNull();
});
