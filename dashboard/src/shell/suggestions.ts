/** The values that a filter may have: asked of the pixel, most frequent first, and found among them as one types. */

import type { Address } from "../address";
import type { Condition } from "../filters";
import type { Dimension, ReportInput, RowFragment } from "../parts/report.graphql.ts";
import { rangeOf } from "../periods";
import { isTable, nameOf, TABLES, zone, type TableName } from "../tables";

export type Suggestion = { readonly value: string; readonly name: string; readonly count: number };

const MOST = 8; // shown at once
/** There are so few countries, languages, channels and devices that all are asked for once. */
const ALL = 300;

export function tableWith(dimension: Dimension): TableName | null {
  const name = Object.keys(TABLES).find((one) => isTable(one) && TABLES[one].dimension === dimension);
  return isTable(name) ? name : null;
}

/** How a person reads a value of a dimension. */
export function valueName(dimension: Dimension, value: string): string {
  const table = tableWith(dimension);
  return table ? nameOf(table, value) : value;
}

/** Whether values have names of their own: they are found by these, which the server does not know. */
function isNamed(dimension: Dimension): boolean {
  const table = tableWith(dimension);
  return table !== null && "named" in TABLES[table];
}

export function suggestionsAsked(address: Address, dimension: Dimension, text: string): ReportInput {
  const typed = isNamed(dimension) ? "" : text.trim();
  return {
    pixelIds: [address.pixel ?? 0],
    range: rangeOf(address.period),
    timezone: zone(),
    metrics: ["VISITORS"],
    dimensions: [dimension],
    filter: { on: typed ? { dimension, contains: [typed] } : { dimension, isNot: [""] } },
    orderBy: [{ metric: "VISITORS", descending: true }],
    limit: isNamed(dimension) ? ALL : MOST * 2,
  };
}

/** The rows of an answer that fit what is typed, without values that are chosen already. */
export function suggestionsOf(rows: readonly RowFragment[], { dimension, values }: Condition, text: string): Suggestion[] {
  const field = dimension.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as keyof RowFragment;
  const typed = isNamed(dimension) ? text.trim().toLowerCase() : "";
  return rows
    .map((row) => ({ value: String(row[field] ?? ""), count: row.visitors?.count ?? 0 }))
    .map(({ value, count }) => ({ value, count, name: valueName(dimension, value) }))
    .filter(({ value, name }) => value && !values.includes(value) && (name.toLowerCase().includes(typed) || value.toLowerCase() === typed))
    .slice(0, MOST);
}

/** What somebody who types means: the value with that name, else the text itself. */
export function meant(suggestions: readonly Suggestion[], text: string): string {
  const typed = text.trim();
  return suggestions.find(({ name }) => name.toLowerCase() === typed.toLowerCase())?.value ?? typed;
}
