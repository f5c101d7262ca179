import { afterEach, expect, test, vi } from "vitest";
import { today } from "../src/times";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

test.each([
  ["Pacific/Auckland", "2026-03-02"],
  ["UTC", "2026-03-01"],
])("today is the day that it is where the browser is: %s", (zone, day) => {
  vi.stubEnv("TZ", zone);
  vi.useFakeTimers({ now: Date.parse("2026-03-01T23:00:00Z") });
  expect(today()).toBe(day);
});
