/** The figures: where each stands in an answer, its unit, and whether more of it is better. */

import type { ComparedFiguresFragment } from "./parts/report.graphql.ts";
import type { Unit } from "./numbers";

export type Figures = ComparedFiguresFragment;

export const METRICS = {
  VISITORS: { unit: "count", better: 1, of: (figures: Figures) => figures.visitors?.count },
  SESSIONS: { unit: "count", better: 1, of: (figures: Figures) => figures.sessions },
  PAGEVIEWS: { unit: "count", better: 1, of: (figures: Figures) => figures.pageviews },
  MATCH_RATE: { unit: "share", better: 1, of: (figures: Figures) => figures.matchRate },
  IDENTIFIED_VISITORS: { unit: "count", better: 1, of: (figures: Figures) => figures.identifiedVisitors },
  BOUNCE_RATE: { unit: "share", better: -1, of: (figures: Figures) => figures.bounceRate },
  SESSION_DURATION: { unit: "seconds", better: 1, of: (figures: Figures) => figures.sessionDuration },
} as const satisfies Record<string, Metric>;

type Metric = { unit: Unit; better: 1 | -1; of: (figures: Figures) => number | null | undefined };

export type MetricName = keyof typeof METRICS;

/** The name in an address: `match-rate`. */
export const metricText = (name: MetricName) => name.toLowerCase().replaceAll("_", "-");

export function metricOf(text: string | undefined): MetricName | null {
  return (Object.keys(METRICS) as MetricName[]).find((name) => metricText(name) === text) ?? null;
}
