/** What the map shows of each country: its name, its figure, and where a click on it leads. */

import { hrefOf, type Address } from "../../address";
import { METRICS, type MetricName } from "../../metrics";
import { shown } from "../../numbers";
import { nameOf, onlyWith, valueOf, type TableRow } from "../../tables";
import { TEXTS } from "../../texts";
import { SHAPES } from "./shapes";

export type Mark = {
  readonly code: string;
  readonly value: number;
  readonly row: TableRow;
  readonly href: string;
  /** What is read to those who do not see it. */
  readonly label: string;
};

/** The countries with visits, the highest figure first. Small ones come last, so that they are drawn above their neighbours. */
export function marksOf(address: Address, rows: readonly TableRow[], metric: MetricName): Mark[] {
  const { of, unit } = METRICS[metric];
  return rows
    .flatMap((row) => {
      const [code, value] = [valueOf("countries", row), of(row)];
      const only = onlyWith(address, "countries", code);
      if (!only || !isCountry(code) || value === null || value === undefined || (unit === "count" && value === 0)) return [];
      return [{ code, value, row, href: hrefOf(only), label: `${nameOf("countries", code)}: ${shown(value, unit)} ${TEXTS.metrics[metric]}` }];
    })
    .sort((one, other) => Number(isDot(one.code)) - Number(isDot(other.code)) || other.value - one.value);
}

const isCountry = (code: string) => Object.hasOwn(SHAPES, code);

/** A country without an outline at this scale. */
export const isDot = (code: string) => SHAPES[code]?.endsWith("h0") ?? false;

const STEPS: Readonly<Record<string, (place: number, count: number) => number>> = {
  ArrowRight: (place, count) => (place + 1) % count,
  ArrowDown: (place, count) => (place + 1) % count,
  ArrowLeft: (place, count) => (place + count - 1) % count,
  ArrowUp: (place, count) => (place + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** Where a key leads from a place among so many; null: it is no key of the map. */
export const placeAfter = (key: string, place: number, count: number): number | null => STEPS[key]?.(place, count) ?? null;
