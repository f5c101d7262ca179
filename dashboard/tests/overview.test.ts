import { expect, test } from "vitest";
import { addressOf } from "../src/address";
import type { OverviewQuery } from "../src/views/overview/overview.graphql.ts";
import { chosenInterval, isUnfinished, pointsOf, variablesOf } from "../src/views/overview/questions";

const NOW = new Date("2026-11-30T12:00:00Z");

test("the overview asks six questions about one pixel, all with the same filter", () => {
  const asked = variablesOf(addressOf("#/pixels/3?filter=country~is~CH&by=week"), 8, NOW);
  expect(Object.keys(asked)).toEqual(["figures", "now", "from", "pages", "places", "devices"]);
  for (const question of Object.values(asked)) {
    expect(question.pixelIds).toEqual([3]);
    expect(question.filter).toEqual({ on: { dimension: "COUNTRY", is: ["CH"] } });
  }
  expect(asked.figures.dimensions).toEqual(["WEEK"]);
  expect(asked.now.range).toEqual({ from: "2026-11-30T11:55:00.000Z", to: "2026-11-30T12:00:00.000Z" });
});

test("points that do not fit the period are not asked for", () => {
  expect(chosenInterval(addressOf("#/pixels/1?period=today&by=month"))).toBe("HOUR");
});

const figures = (rows: unknown[], to: string) =>
  ({ code: 200, message: "", reason: null, rows, range: { from: "2026-11-28T00:00:00Z", to } }) as unknown as OverviewQuery["figures"];

test("a point without pageviews is none of a count, and no share", () => {
  const rows = [{ time: "2026-11-28T00:00:00Z", visitors: null, bounceRate: null, comparison: null }];
  expect(pointsOf(figures(rows, ""), "VISITORS", "DAY")).toMatchObject([{ label: "28 Nov", value: 0, before: null }]);
  expect(pointsOf(figures(rows, ""), "BOUNCE_RATE", "DAY")).toMatchObject([{ value: null }]);
  expect(pointsOf(undefined, "VISITORS", "DAY")).toBeNull();
});

test("a point is compared with nothing where the compared range is over: September has no 31st", () => {
  const rows = [
    { time: "2026-10-30T00:00:00Z", visitors: { count: 5 }, comparison: { visitors: null } },
    { time: "2026-10-31T00:00:00Z", visitors: { count: 5 }, comparison: null },
  ];
  expect(pointsOf(figures(rows, "2026-11-01T00:00:00Z"), "VISITORS", "DAY")).toMatchObject([{ before: 0 }, { before: null }]);
});

test("the last point goes on where the range ends before it does", () => {
  const rows = [{ time: "2026-11-29T23:00:00Z" }];
  expect(isUnfinished(figures(rows, "2026-11-30T12:00:00Z"), "DAY")).toBe(true);
  expect(isUnfinished(figures(rows, "2026-11-30T23:00:00Z"), "DAY")).toBe(false);
  expect(isUnfinished(null, "DAY")).toBe(false);
});
