/** Numbers as a person reads them: each says its unit, and a change its direction in more than a colour. */

import { once } from "./once";
import { LOCALE } from "./texts";

const whole = once(() => new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 }));
const tenth = once(() => new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 }));
const short = once(() => new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 }));

const NARROW = "\u202f"; // a space that does not break
export const NOTHING = "–";

export type Unit = "count" | "share" | "seconds" | "ratio";

export function shown(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return NOTHING;
  switch (unit) {
    case "count":
      return whole().format(value);
    case "share":
      return `${(value && value < 0.1 ? tenth : whole)().format(value * 100)}${NARROW}%`;
    case "seconds":
      return duration(value);
    case "ratio":
      return tenth().format(value);
  }
}

/** As short as an axis needs it. */
export function shortly(value: number, unit: Unit): string {
  return unit === "count" ? short().format(value) : shown(value, unit);
}

function duration(seconds: number): string {
  const all = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (hours) return `${hours}${NARROW}h ${minutes}${NARROW}m`;
  return minutes ? `${minutes}${NARROW}m ${rest}${NARROW}s` : `${rest}${NARROW}s`;
}

export type Change = { readonly text: string; readonly direction: -1 | 0 | 1 };

const FOLD = 10; // from here on percents have so many digits that nobody reads them

/** How a number compares with the one before: in percent or as a multiple, a share in points; null where there is nothing to compare. */
export function changeOf(now: number | null | undefined, before: number | null | undefined, unit: Unit): Change | null {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  if (unit === "share") return change((now - before) * 100, "points");
  if (before === 0) return now === 0 ? change(0, "%") : { text: "new", direction: 1 };
  const fold = now / before;
  return fold < FOLD ? change((fold - 1) * 100, "%") : { text: `×${whole().format(fold)}`, direction: 1 };
}

function change(amount: number, unit: string): Change {
  const size = Math.abs(amount);
  const text = (size < 9.95 && unit === "points" ? tenth : whole)().format(size);
  const direction = text === "0" ? 0 : amount > 0 ? 1 : -1;
  const sign = direction === 0 ? "±" : direction > 0 ? "+" : "−";
  return { text: `${sign}${text}${NARROW}${unit === "points" && text === "1" ? "point" : unit}`, direction };
}
