/** From the address to what the list of pixels asks, and from the answer to a line a pixel. */

import type { Address } from "../../address";
import { METRICS, type MetricName } from "../../metrics";
import { shown } from "../../numbers";
import { comparisonOf, intervalsOf, rangeOf } from "../../periods";
import { zone } from "../../tables";
import type { PixelsQuery, PixelsQueryVariables } from "./pixels.graphql.ts";

export const SHOWN = ["VISITORS", "SESSIONS", "PAGEVIEWS", "MATCH_RATE"] as const satisfies readonly MetricName[];

const MOST_PIXELS = 100; // of one report

export function variablesOf(address: Address): PixelsQueryVariables {
  const compare = comparisonOf(address.comparison);
  const both = { range: rangeOf(address.period), timezone: zone() };
  return {
    figures: { ...both, metrics: [...SHOWN], dimensions: ["PIXEL"], limit: MOST_PIXELS, ...(compare ? { compare } : {}) },
    course: { ...both, metrics: ["PAGEVIEWS"], dimensions: ["PIXEL", intervalsOf(address.period)[0]], limit: MOST_PIXELS },
  };
}

export type PixelLine = {
  readonly id: number;
  readonly name: string;
  readonly domains: readonly string[];
  /** Null: it has no pageviews in the period. Undefined: they could not be read. */
  readonly figures: NonNullable<PixelsQuery["figures"]["rows"]>[number] | null | undefined;
  readonly course: readonly number[];
};

/** A line a pixel, those with most visitors first. */
export function linesOf(data: PixelsQuery): PixelLine[] {
  const figures = new Map(data.figures.rows?.map((row) => [row.pixel, row]));
  const lines = (data.pixels.nodes ?? []).map((pixel) => ({
    ...pixel,
    figures: data.figures.rows ? (figures.get(pixel.id) ?? null) : undefined,
    course: (data.course.rows ?? []).filter((row) => row.pixel === pixel.id).map((row) => row.pageviews ?? 0),
  }));
  return lines.sort((one, other) => (other.figures?.visitors?.count ?? 0) - (one.figures?.visitors?.count ?? 0));
}

/** Who had no pageviews had no visitors, and nothing of which a part could be known. */
export function figureText(figures: PixelLine["figures"], metric: (typeof SHOWN)[number]): string {
  const { of, unit } = METRICS[metric];
  return shown(figures ? of(figures) : figures === null && unit === "count" ? 0 : null, unit);
}
