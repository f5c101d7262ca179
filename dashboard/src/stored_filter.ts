/** Filters that the server keeps, of shares and of saved views, as the lines of an address. */

import { FILTERABLE, type Condition, type Filter, type Line, type Operator } from "./filters";
import type { FilterInput } from "./parts/report.graphql.ts";

/** Its lines; null where it is none that this page makes. */
export function filterOf(stored: unknown): Filter | null {
  if (stored === null) return [];
  const input = stored as FilterInput;
  const lines = (input.and ?? [input]).map(lineOf);
  return lines.every((line) => line !== null) ? lines : null;
}

function lineOf(input: FilterInput): Line | null {
  const conditions = (input.or ?? [input]).map(conditionOf);
  return conditions.every((one) => one !== null) ? conditions : null;
}

const NAMES = { is: "is", isNot: "is-not", contains: "contains", containsNot: "contains-not", wildcard: "like" } as const;

function conditionOf({ on, not }: FilterInput): Condition | null {
  if (not?.on?.wildcard) return condition(not.on.dimension, "not-like", not.on.wildcard);
  for (const [name, operator] of Object.entries(NAMES)) {
    const values = on?.[name as keyof typeof NAMES];
    if (on && values) return condition(on.dimension, operator, values);
  }
  return null;
}

function condition(name: string, operator: Operator, values: string | readonly string[]): Condition | null {
  const dimension = FILTERABLE.find((one) => one === name);
  return dimension ? { dimension, operator, values: typeof values === "string" ? [values] : values } : null;
}
