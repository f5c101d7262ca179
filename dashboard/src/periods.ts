/** The periods to choose from, the keys that choose them, and what a chart's points are in each. */

import type { ComparisonInput, RangeInput, RangeName } from "./parts/report.graphql.ts";

/** The ranges by their names, but for that of who is here now, which has no menu. */
type PeriodName = Exclude<RangeName, "LAST_5_MINUTES">;
export type Period = { readonly name: PeriodName } | { readonly from: string; readonly to: string };
export type Comparison = "SAME_WEEKDAYS" | "PREVIOUS_PERIOD" | "PREVIOUS_YEAR" | "NONE";
export type Interval = "HOUR" | "DAY" | "WEEK" | "MONTH";

/** In the order of the menu, a line between groups; keys as far as one is used often. */
export const PERIODS: readonly { readonly name: PeriodName; readonly key?: string; readonly group: number }[] = [
  { name: "TODAY", key: "d", group: 0 },
  { name: "YESTERDAY", key: "e", group: 0 },
  { name: "LAST_24_HOURS", key: "h", group: 0 },
  { name: "LAST_7_DAYS", key: "w", group: 1 },
  { name: "LAST_28_DAYS", key: "f", group: 1 },
  { name: "LAST_30_DAYS", key: "t", group: 1 },
  { name: "LAST_90_DAYS", key: "n", group: 1 },
  { name: "THIS_WEEK", group: 2 },
  { name: "LAST_WEEK", group: 2 },
  { name: "THIS_MONTH", key: "m", group: 2 },
  { name: "LAST_MONTH", key: "p", group: 2 },
  { name: "THIS_YEAR", key: "y", group: 3 },
  { name: "LAST_YEAR", group: 3 },
  { name: "LAST_12_MONTHS", key: "l", group: 3 },
];

export const USUAL: Period = { name: "LAST_30_DAYS" };
export const USUAL_COMPARISON: Comparison = "SAME_WEEKDAYS";

const DAY_LONG = 86_400_000; // milliseconds
const HOURS_UP_TO = 3; // days
const DAYS_UP_TO = 100;

/** As the API takes it. */
export function rangeOf(period: Period): RangeInput {
  return "name" in period ? { name: period.name } : { from: period.from, to: period.to };
}

export function comparisonOf(comparison: Comparison): ComparisonInput | null {
  return comparison === "NONE" ? null : { name: comparison };
}

/** The comparisons that differ in a period. Months and years have no same weekdays: they are compared with the one before. */
export function comparisonsOf(period: Period): readonly Comparison[] {
  return isOfMonths(period) ? ["PREVIOUS_PERIOD", "PREVIOUS_YEAR", "NONE"] : ["SAME_WEEKDAYS", "PREVIOUS_PERIOD", "PREVIOUS_YEAR", "NONE"];
}

/** A comparison as it is named in a period. */
export const comparisonIn = (period: Period, comparison: Comparison): Comparison =>
  comparison === "SAME_WEEKDAYS" && isOfMonths(period) ? "PREVIOUS_PERIOD" : comparison;

const MONTHS: readonly PeriodName[] = ["THIS_MONTH", "LAST_MONTH", "THIS_YEAR", "LAST_YEAR", "LAST_12_MONTHS"];

function isOfMonths(period: Period): boolean {
  if ("name" in period) return MONTHS.includes(period.name);
  return period.from.endsWith("-01") && new Date(Date.parse(period.to) + DAY_LONG).getUTCDate() === 1;
}

/** The period as the address has it: `last-30-days`, `2026-11-01..2026-11-15`. */
export function periodText(period: Period): string {
  return "name" in period ? period.name.toLowerCase().replaceAll("_", "-") : `${period.from}..${period.to}`;
}

export function periodOf(text: string): Period | null {
  const named = PERIODS.find(({ name }) => periodText({ name }) === text);
  if (named) return { name: named.name };
  const days = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(text);
  return days?.[1] && days[2] && days[1] <= days[2] ? { from: days[1], to: days[2] } : null;
}

/** The points of a chart that say most without being too many: the first fits best. */
export function intervalsOf(period: Period): readonly [Interval, ...Interval[]] {
  const days = lengthOf(period);
  if (days <= HOURS_UP_TO) return days <= 1 ? ["HOUR"] : ["HOUR", "DAY"];
  return days <= DAYS_UP_TO ? (days < 14 ? ["DAY", "HOUR"] : ["DAY", "WEEK"]) : ["MONTH", "WEEK", "DAY"];
}

const LENGTHS: Partial<Record<PeriodName, number>> = {
  TODAY: 1,
  YESTERDAY: 1,
  LAST_24_HOURS: 1,
  LAST_7_DAYS: 7,
  LAST_28_DAYS: 28,
  LAST_30_DAYS: 30,
  LAST_90_DAYS: 90,
  THIS_WEEK: 7,
  LAST_WEEK: 7,
  THIS_MONTH: 31,
  LAST_MONTH: 31,
};

function lengthOf(period: Period): number {
  if ("name" in period) return LENGTHS[period.name] ?? 366;
  return (Date.parse(period.to) - Date.parse(period.from)) / DAY_LONG + 1;
}

