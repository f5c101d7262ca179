/** From the address to what the overview asks, and from the answer to what its chart shows. */

import type { Address } from "../../address";
import { inputOf } from "../../filters";
import { METRICS, metricOf, type MetricName } from "../../metrics";
import { once } from "../../once";
import type { Point } from "../../parts/Chart";
import type { ReportInput } from "../../parts/report.graphql.ts";
import { comparisonOf, intervalsOf, rangeOf, type Interval } from "../../periods";
import { openOf, PANELS, panelQuestionOf, zone, type PanelName } from "../../tables";
import { LOCALE } from "../../texts";
import type { OverviewQuery, OverviewQueryVariables } from "./overview.graphql.ts";

/** The figures above the chart, in their order. Each can be drawn. */
export const SHOWN = ["VISITORS", "SESSIONS", "PAGEVIEWS", "MATCH_RATE", "BOUNCE_RATE", "SESSION_DURATION"] as const;
const NOW = 5 * 60_000; // milliseconds: who was here so lately is here

export const chosenMetric = (address: Address): MetricName => metricOf(address.options.metric) ?? "VISITORS";

export function chosenInterval(address: Address): Interval {
  const possible = intervalsOf(address.period);
  return possible.find((one) => one.toLowerCase() === address.options.by) ?? possible[0];
}

export function variablesOf(address: Address, room: number, now: Date): OverviewQueryVariables {
  const table = (panel: PanelName) => panelQuestionOf(address, openOf(address, panel), room);
  return {
    figures: figuresOf(address),
    now: nowOf(address, now),
    from: table("from"),
    pages: table("pages"),
    places: table("places"),
    devices: table("devices"),
  };
}

export function figuresOf(address: Address): ReportInput {
  const filter = inputOf(address.filter);
  const compare = comparisonOf(address.comparison);
  return {
    pixelIds: [address.pixel ?? 0],
    range: rangeOf(address.period),
    timezone: zone(),
    metrics: [...SHOWN, "IDENTIFIED_VISITORS"],
    dimensions: [chosenInterval(address)],
    ...(filter ? { filter } : {}),
    ...(compare ? { compare } : {}),
  };
}

export function nowOf(address: Address, now: Date): ReportInput {
  const filter = inputOf(address.filter);
  return {
    pixelIds: [address.pixel ?? 0],
    range: { from: new Date(now.getTime() - NOW).toISOString(), to: now.toISOString() },
    metrics: ["VISITORS"],
    ...(filter ? { filter } : {}),
  };
}

export const panelNames = Object.keys(PANELS) as PanelName[];

/** The points of the chart; null as long as there are none. */
export function pointsOf(data: OverviewQuery["figures"] | undefined, metric: MetricName, interval: Interval): Point[] | null {
  const { of, unit } = METRICS[metric];
  const empty = unit === "count" ? 0 : null;
  const [label, time] = [formatOf(LABELS[interval]), formatOf(TIMES[interval])];
  return (
    data?.rows?.map((row) => ({
      label: label(row.time),
      time: time(row.time),
      value: of(row) ?? empty,
      before: row.comparison ? (of(row.comparison) ?? empty) : null,
    })) ?? null
  );
}

/** Whether the last point of the chart goes on: the range ends before it does. */
export function isUnfinished(figures: OverviewQuery["figures"] | null, interval: Interval): boolean {
  const last = figures?.rows?.at(-1)?.time;
  return figures?.range && last ? Date.parse(figures.range.to) - Date.parse(last) < SHORTEST[interval] : false;
}

const AN_HOUR = 3_600_000; // milliseconds
const SHORTEST: Record<Interval, number> = {
  HOUR: AN_HOUR,
  DAY: 23 * AN_HOUR, // where the clocks go forward
  WEEK: (7 * 24 - 1) * AN_HOUR,
  MONTH: (28 * 24 - 1) * AN_HOUR,
};

const LABELS: Record<Interval, Intl.DateTimeFormatOptions> = {
  HOUR: { hour: "2-digit", minute: "2-digit" },
  DAY: { day: "numeric", month: "short" },
  WEEK: { day: "numeric", month: "short" },
  MONTH: { month: "short", year: "2-digit" },
};

const TIMES: Record<Interval, Intl.DateTimeFormatOptions> = {
  HOUR: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  DAY: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  WEEK: { day: "numeric", month: "short", year: "numeric" },
  MONTH: { month: "long", year: "numeric" },
};

function formatOf(how: Intl.DateTimeFormatOptions): (time: string | null) => string {
  const format = once(() => new Intl.DateTimeFormat(LOCALE, { ...how, timeZone: zone() }));
  return (time) => (time ? format().format(new Date(time)) : "");
}
