import { expect, test } from "vitest";
import { addressOf } from "../src/address";
import type { Condition } from "../src/filters";
import { FILTERABLE } from "../src/filters";
import type { RowFragment } from "../src/parts/report.graphql";
import { meant, suggestionsAsked, suggestionsOf } from "../src/shell/suggestions";

const HERE = addressOf("#/pixels/7?period=last-7-days&filter=page~is~/");
const row = (field: string, value: string, count: number) => ({ [field]: value, visitors: { count } }) as unknown as RowFragment;
const of = (dimension: Condition["dimension"], ...values: string[]): Condition => ({ dimension, operator: "is", values });

test("the values of the pixel in the period are asked for, most frequent first", () => {
  expect(suggestionsAsked(HERE, "PAGE", " sho ")).toMatchObject({
    pixelIds: [7],
    range: { name: "LAST_7_DAYS" },
    dimensions: ["PAGE"],
    filter: { on: { dimension: "PAGE", contains: ["sho"] } },
    orderBy: [{ metric: "VISITORS", descending: true }],
  });
});

test("values with names of their own are asked for once, and found by their names", () => {
  expect(suggestionsAsked(HERE, "COUNTRY", "ger")).toEqual(suggestionsAsked(HERE, "COUNTRY", ""));
  const rows = [row("country", "CH", 9), row("country", "DE", 4), row("country", "", 2)];
  expect(suggestionsOf(rows, of("COUNTRY"), "")).toEqual([
    { value: "CH", name: "Switzerland", count: 9 },
    { value: "DE", name: "Germany", count: 4 },
  ]);
  const found = suggestionsOf(rows, of("COUNTRY"), "ger");
  expect(found.map(({ value }) => value)).toEqual(["DE"]);
  expect([meant(found, "germany"), meant(found, "FR "), meant([], "x")]).toEqual(["DE", "FR", "x"]);
  expect(suggestionsOf(rows, of("COUNTRY", "CH"), "").map(({ value }) => value)).toEqual(["DE"]);
});

test("every dimension of a filter has its field in the rows", () => {
  for (const dimension of FILTERABLE) {
    const field = suggestionsAsked(HERE, dimension, "").dimensions?.[0]?.toLowerCase().replace(/_(\w)/g, (_, one: string) => one.toUpperCase());
    expect(suggestionsOf([row(field ?? "", "x", 1)], of(dimension), ""), dimension).toHaveLength(1);
  }
});
