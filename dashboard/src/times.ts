/** Instants as a person reads them, in the time zone of the browser. */

import { once } from "./once";
import { LOCALE } from "./texts";

const as = (how: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(LOCALE, how));

const AS = {
  moment: as({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }),
  day: as({ day: "numeric", month: "short", year: "numeric" }),
  longDay: as({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  time: as({ hour: "2-digit", minute: "2-digit" }),
  second: as({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
};

/** The day that it is, as fields write it: Swedish dates are ISO's. */
export const today = () => new Date().toLocaleDateString("sv");

export const timeText = (at: string | Date, as: keyof typeof AS = "moment") => AS[as]().format(new Date(at));

const relative = once(() => new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto", style: "short" }));
const STEPS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;
const LONG_AGO = 8 * 86_400; // seconds: beyond, a date says more

/** The largest unit that a length has in full, and its seconds. */
export const unitOf = (seconds: number) => STEPS.find((step) => seconds >= step[1]) ?? STEPS[3];

/** How long ago: `5 min ago`, `yesterday`, `3 Feb 2026`. */
export function agoText(iso: string, now: number): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  if (seconds > LONG_AGO) return timeText(iso, "day");
  const [unit, size] = unitOf(Math.abs(seconds));
  return relative().format(-Math.floor(seconds / size), unit);
}
