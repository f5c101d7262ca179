import { expect, test } from "vitest";
import { intervalsOf, periodOf, PERIODS, periodText } from "../src/periods";
import { TEXTS } from "../src/texts";

test("every period has a text, an own key if any, and is read as it is written", () => {
  const keys = PERIODS.flatMap(({ key }) => key ?? []);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of ["x", "r", "/", "?"]) expect(keys).not.toContain(key);
  for (const { name } of PERIODS) {
    expect(TEXTS.period[name]).toBeTruthy();
    expect(periodOf(periodText({ name }))).toEqual({ name });
  }
});

test.each([
  ["today", "HOUR"],
  ["last-7-days", "DAY"],
  ["last-90-days", "DAY"],
  ["last-12-months", "MONTH"],
  ["2026-11-01..2026-11-01", "HOUR"],
  ["2026-01-01..2026-03-31", "DAY"],
  ["2024-01-01..2026-03-31", "MONTH"],
])("the points of %s are by %s unless the address says otherwise", (text, interval) => {
  const period = periodOf(text);
  expect(period && intervalsOf(period)[0]).toBe(interval);
});
