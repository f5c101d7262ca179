/** How far the figures are behind, in words: while the event store is away, or has much to load. */

import { once } from "../../once";
import { LOCALE, TEXTS } from "../../texts";
import { timeText } from "../../times";

const SAID_FROM = 15; // seconds: pageviews are usually counted within a second or two
const HALF_A_DAY = 43_200; // seconds: beyond, a time of the day says too little

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

const counted = (unit: string) => once(() => new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: "long" }));
const COUNTED = { day: counted("day"), hour: counted("hour"), minute: counted("minute"), second: counted("second") };

export type Behind = { readonly asOf: string | null; readonly secondsBehind: number | null };

/** As a sentence; null where the figures are of now, or it is not known. */
export function behindText({ asOf, secondsBehind }: Behind): string | null {
  if (asOf === null || secondsBehind === null || secondsBehind < SAID_FROM) return null;
  const [unit, size] = UNITS.find((one) => secondsBehind >= one[1]) ?? UNITS[3];
  const length = COUNTED[unit]().format(Math.floor(secondsBehind / size));
  return TEXTS.behind(timeText(asOf, secondsBehind < HALF_A_DAY ? "time" : "moment"), length);
}
