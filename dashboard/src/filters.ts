/** Filters: all of its lines must match, a line by one of its conditions, a condition by one of its values. */

import type { Dimension, FilterInput } from "./parts/report.graphql.ts";

export const OPERATORS = ["is", "is-not", "contains", "contains-not", "like", "not-like"] as const;
export type Operator = (typeof OPERATORS)[number];

export type Condition = {
  readonly dimension: Dimension;
  readonly operator: Operator;
  readonly values: readonly string[];
};

export type Line = readonly Condition[];
export type Filter = readonly Line[];

/** The dimensions that can be filtered by, in the order of the menu. */
export const FILTERABLE = [
  "CHANNEL",
  "SOURCE",
  "REFERRER",
  "UTM_CAMPAIGN",
  "UTM_SOURCE",
  "UTM_MEDIUM",
  "UTM_TERM",
  "UTM_CONTENT",
  "PAGE",
  "ENTRY_PAGE",
  "EXIT_PAGE",
  "HOSTNAME",
  "COUNTRY",
  "REGION",
  "CITY",
  "LANGUAGE",
  "BROWSER",
  "BROWSER_VERSION",
  "OS",
  "OS_VERSION",
  "DEVICE",
] as const satisfies readonly Dimension[];

const OF_VISITS: ReadonlySet<Dimension> = new Set([
  "CHANNEL",
  "SOURCE",
  "REFERRER",
  "UTM_CAMPAIGN",
  "UTM_SOURCE",
  "UTM_MEDIUM",
  "UTM_TERM",
  "UTM_CONTENT",
  "ENTRY_PAGE",
  "EXIT_PAGE",
]);

/** The filter as the API takes it; null for none. */
export function inputOf(filter: Filter): FilterInput | null {
  const lines = filter.map((line) => joined("or", line.map(conditionOf)));
  return lines.length ? joined("and", lines) : null;
}

/** What a pageview that happens now may match of a filter: it cannot tell what its visit is, such as where that came from. */
export function ofPageviews(filter: Filter): Filter {
  return filter.filter((line) => !line.some(({ dimension }) => OF_VISITS.has(dimension)));
}

function joined(by: "and" | "or", parts: FilterInput[]): FilterInput {
  const [only] = parts;
  return parts.length === 1 && only ? only : { [by]: parts };
}

function conditionOf({ dimension, operator, values }: Condition): FilterInput {
  const all = [...values];
  switch (operator) {
    case "is":
      return { on: { dimension, is: all } };
    case "is-not":
      return { on: { dimension, isNot: all } };
    case "contains":
      return { on: { dimension, contains: all } };
    case "contains-not":
      return { on: { dimension, containsNot: all } };
    case "like":
      return { on: { dimension, wildcard: all } };
    case "not-like":
      return { not: { on: { dimension, wildcard: all } } };
  }
}

/** With one more value: beside those of a line about the same, else as a line of its own. */
export function narrowed(filter: Filter, dimension: Dimension, value: string): Filter {
  const line: Line = [{ dimension, operator: "is", values: [value] }];
  const others = filter.filter(([first, ...more]) => more.length || first?.dimension !== dimension || first.operator !== "is");
  return [...others, line];
}

/** A line as the address has it: `source~is~Google~Bing|channel~is~EMAIL`. */
export function lineText(line: Line): string {
  return line
    .map(({ dimension, operator, values }) => [dimension.toLowerCase(), operator, ...values.map(escaped)].join("~"))
    .join("|");
}

/** The line of a text; null where it is none. */
export function lineOf(text: string): Line | null {
  const conditions = text.split("|").map(conditionOfText);
  return conditions.every((one) => one !== null) ? conditions : null;
}

function conditionOfText(text: string): Condition | null {
  const [name, operator, ...values] = text.split("~");
  const dimension = FILTERABLE.find((one) => one.toLowerCase() === name);
  const known = OPERATORS.find((one) => one === operator);
  return dimension && known && values.length ? { dimension, operator: known, values: values.map(unescaped) } : null;
}

const escaped = (value: string) => value.replace(/[!~|]/g, (sign) => ({ "!": "!!", "~": "!-", "|": "!1" })[sign] ?? sign);
const unescaped = (value: string) => value.replace(/![!1-]/g, (sign) => ({ "!!": "!", "!-": "~", "!1": "|" })[sign] ?? sign);
