import { expect, test } from "vitest";
import { addressOf, hrefOf } from "../src/address";
import { tableCsv } from "../src/parts/download_table";
import type { RowFragment } from "../src/parts/report.graphql.ts";
import { nameOf, onlyWith, openOf, orderOf, orderText, PANELS, questionOf, TABLES, type TableName } from "../src/tables";
import { TEXTS } from "../src/texts";

const HERE = addressOf("#/pixels/7?period=last-7-days");
const NAMES = Object.keys(TABLES) as TableName[];

test("every table stands in one panel, and has its texts", () => {
  expect(Object.values(PANELS).flat().sort()).toEqual([...NAMES].sort());
  for (const name of NAMES) expect([TEXTS.tables[name], TEXTS.titles[name], TEXTS.noRows[name]]).not.toContain(undefined);
});

test("a table asks for its dimension with what the address says", () => {
  const address = addressOf("#/pixels/7?period=last-7-days&compare=none&filter=country~is~CH");
  expect(questionOf(address, "campaigns", { limit: 8 })).toMatchObject({
    pixelIds: [7],
    range: { name: "LAST_7_DAYS" },
    dimensions: ["UTM_CAMPAIGN"],
    metrics: ["VISITORS", "MATCH_RATE"],
    filter: { and: [{ on: { dimension: "COUNTRY", is: ["CH"] } }, { on: { dimension: "UTM_CAMPAIGN", isNot: [""] } }] },
    orderBy: [{ metric: "VISITORS", descending: true }],
    limit: 8,
  });
  expect(questionOf(address, "campaigns")).not.toHaveProperty("compare");
  expect(questionOf(HERE, "pages")).toMatchObject({ compare: { name: "SAME_WEEKDAYS" } });
  expect(questionOf(HERE, "pages")).not.toHaveProperty("filter");
  expect(questionOf(HERE, "bots")).toMatchObject({ traffic: ["BOTS", "AI_AGENTS"] });
});

test("a click on a column orders by it, largest first, then smallest first", () => {
  const by = (text: string | null) => orderOf({ ...HERE, options: text ? { "sort.pages": text } : {} }, "pages");
  expect(by(null)).toEqual({ metric: "VISITORS", descending: true });
  expect(orderText("pages", by(null), "PAGEVIEWS")).toBe("pageviews");
  expect(orderText("pages", by("pageviews"), "PAGEVIEWS")).toBe("pageviews-asc");
  expect(by("pageviews-asc")).toEqual({ metric: "PAGEVIEWS", descending: false });
  expect(orderText("pages", by(null), "VISITORS")).toBe("visitors-asc");
  expect(orderText("pages", by("visitors-asc"), "VISITORS")).toBeNull();
  expect(by("nonsense-asc")).toEqual({ metric: "VISITORS", descending: true });
});

test("the first tab of a panel is open unless the address names another", () => {
  expect(openOf(HERE, "from")).toBe("channels");
  expect(openOf({ ...HERE, options: { from: "sources" } }, "from")).toBe("sources");
  expect(openOf({ ...HERE, options: { from: "pages" } }, "from")).toBe("channels");
});

test("values are named as people name them", () => {
  expect(nameOf("countries", "CH")).toBe("Switzerland");
  expect(nameOf("countries", "somewhere else")).toBe("somewhere else");
  expect(nameOf("channels", "AI_ASSISTANTS")).toBe("AI assistants");
  expect(nameOf("cities", "")).toBe(TEXTS.unknown);
});

test("a click on a row is a filter, but for bots", () => {
  const there = onlyWith(HERE, "countries", "CH");
  expect(there && hrefOf(there)).toBe("#/pixels/7?period=last-7-days&filter=country~is~CH");
  expect(onlyWith(HERE, "bots", "BOT")).toBeNull();
});

test("a file has every figure as a number, and no cell that a spreadsheet would compute", () => {
  const figures = { visitors: { count: 3 }, sessions: 4, pageviews: 1234, matchRate: 0.5, identifiedVisitors: 1, bounceRate: null, sessionDuration: 61.5 };
  const row = { page: '=1+1,"x"', ...figures, comparison: { ...figures, visitors: { count: 2 } } } as unknown as RowFragment;
  const [head, first, end] = tableCsv("pages", [row], true).split("\r\n");
  expect(head?.split(",").slice(0, 3)).toEqual(["Page", "Visitors", "Visits"]);
  expect(first).toBe(`"'=1+1,""x""",3,4,1234,0.5,1,,61.5,2,4,1234,0.5,1,,61.5`);
  expect(end).toBe("");
});
