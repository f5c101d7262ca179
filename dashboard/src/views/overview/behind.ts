/** How far the figures are behind, in words: while the event store is away, or has much to load. */

import { TEXTS } from "../../texts";
import { timeText, unitOf } from "../../times";

const SAID_FROM = 15; // seconds: pageviews are usually counted within a second or two

export type Behind = { readonly asOf: string | null; readonly secondsBehind: number | null };

/** As a sentence; null where the figures are of now, or it is not known. */
export function behindText({ asOf, secondsBehind }: Behind): string | null {
  if (!asOf || !secondsBehind || secondsBehind < SAID_FROM) return null;
  const [unit, size] = unitOf(secondsBehind);
  const count = Math.floor(secondsBehind / size);
  return TEXTS.behind(timeText(asOf, size > 60 ? "moment" : "time"), `${count} ${unit}${count > 1 ? "s" : ""}`);
}
