import { expect, test } from "vitest";
import { FILTERABLE, inputOf, lineOf, lineText, narrowed, ofPageviews, OPERATORS, type Line } from "../src/filters";

const GOOGLE: Line = [{ dimension: "SOURCE", operator: "is", values: ["Google"] }];
const NOT_DE: Line = [{ dimension: "COUNTRY", operator: "is-not", values: ["DE", "AT"] }];

test("no filter asks for no filter", () => {
  expect(inputOf([])).toBeNull();
});

test("all lines must match, of a line one condition", () => {
  expect(inputOf([GOOGLE])).toEqual({ on: { dimension: "SOURCE", is: ["Google"] } });
  expect(inputOf([GOOGLE, [...NOT_DE, ...GOOGLE]])).toEqual({
    and: [
      { on: { dimension: "SOURCE", is: ["Google"] } },
      { or: [{ on: { dimension: "COUNTRY", isNot: ["DE", "AT"] } }, { on: { dimension: "SOURCE", is: ["Google"] } }] },
    ],
  });
});

test.each([
  ["contains", { on: { dimension: "PAGE", contains: ["x"] } }],
  ["contains-not", { on: { dimension: "PAGE", containsNot: ["x"] } }],
  ["like", { on: { dimension: "PAGE", wildcard: ["x"] } }],
  ["not-like", { not: { on: { dimension: "PAGE", wildcard: ["x"] } } }],
] as const)("the operator %s is one of the API", (operator, asked) => {
  expect(inputOf([[{ dimension: "PAGE", operator, values: ["x"] }]])).toEqual(asked);
});

test("every dimension and operator can stand in an address, with any text", () => {
  for (const dimension of FILTERABLE)
    for (const operator of OPERATORS) {
      const line: Line = [{ dimension, operator, values: ["", "a~b|c!d", "/é?&=#%"] }];
      expect(lineOf(lineText([...line, ...GOOGLE]))).toEqual([...line, ...GOOGLE]);
    }
});

test("another value of the same dimension takes the place of the one before", () => {
  const first = narrowed([NOT_DE], "SOURCE", "Google");
  expect(first).toEqual([NOT_DE, GOOGLE]);
  expect(narrowed(first, "SOURCE", "Bing")).toEqual([NOT_DE, [{ ...GOOGLE[0], values: ["Bing"] }]]);
});

test("single pageviews are not asked for what only their visit has", () => {
  const entry: Line = [{ dimension: "ENTRY_PAGE", operator: "is", values: ["/"] }];
  expect(ofPageviews([GOOGLE, NOT_DE, entry, [...NOT_DE, ...GOOGLE]])).toEqual([NOT_DE]);
});
