/** What is asked to see whether the first pageview is there. */

import type { ReportInput } from "../../parts/report.graphql.ts";
import type { FirstPageviewsFragment } from "./setup.graphql.ts";

const LONG = 400 * 86_400_000; // milliseconds: a pixel that was quiet for longer is set up anew

/** The pages by minute would be too many: it is asked by day, and by page. */
export function latestOf(pixel: number, now: Date): ReportInput {
  return {
    pixelIds: [pixel],
    range: { from: new Date(now.getTime() - LONG).toISOString(), to: now.toISOString() },
    metrics: ["PAGEVIEWS"],
    dimensions: ["HOSTNAME", "PAGE"],
    limit: 1,
  };
}

/** A page that was counted; null: none yet. */
export function countedPage(latest: FirstPageviewsFragment | null): string | null {
  const [row] = latest?.rows ?? [];
  return row ? `${row.hostname ?? ""}${row.page ?? ""}` : null;
}
