/** What is asked about now, and the list of what has just happened. */

import type { ReportInput } from "../../parts/report.graphql.ts";
import type { HappeningFragment, NowFiguresQueryVariables, NowViewQueryVariables } from "./now_view.graphql.ts";

const A_MINUTE = 60_000; // milliseconds
const HERE = 5; // minutes: who was here so lately is here
const COURSE = 30; // minutes
const ROWS = 6;
/** So many pageviews are listed. */
export const ROOM = 30;

export function figuresOf(pixel: number, now: Date): NowFiguresQueryVariables {
  const pixelIds = [pixel];
  const here = { pixelIds, range: since(HERE, now) };
  const by = (dimension: "PAGE" | "SOURCE" | "COUNTRY"): ReportInput => ({ ...here, metrics: ["VISITORS"], dimensions: [dimension], limit: ROWS });
  return {
    here: { ...here, metrics: ["VISITORS", "IDENTIFIED_VISITORS"] },
    pages: by("PAGE"),
    sources: by("SOURCE"),
    countries: by("COUNTRY"),
    minutes: { pixelIds, range: since(COURSE, now), metrics: ["PAGEVIEWS"], dimensions: ["MINUTE"] },
  };
}

export const variablesOf = (pixel: number, now: Date): NowViewQueryVariables => ({
  ...figuresOf(pixel, now),
  pixelIds: [pixel],
  range: since(COURSE, now),
  room: ROOM,
});

const since = (minutes: number, now: Date) => ({
  from: new Date(now.getTime() - minutes * A_MINUTE).toISOString(),
  to: now.toISOString(),
});

/** With what has just happened first: each once, and no more than there is room for. */
export function joined(recent: readonly HappeningFragment[], before: readonly HappeningFragment[]): HappeningFragment[] {
  const known = new Set<string>();
  const isNew = ({ eventId }: HappeningFragment) => !eventId || (!known.has(eventId) && known.add(eventId));
  return [...recent, ...before].filter(isNew).slice(0, ROOM);
}
