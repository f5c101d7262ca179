import { expect, test } from "vitest";
import { changeOf, shown } from "../src/numbers";

test.each([
  [12480, "count", "12,480"],
  [0, "count", "0"],
  [null, "count", "–"],
  [0.153, "share", "15 %"],
  [0.0153, "share", "1.5 %"],
  [0, "share", "0 %"],
  [171.4, "seconds", "2 m 51 s"],
  [59.6, "seconds", "1 m 0 s"],
  [3723, "seconds", "1 h 2 m"],
  [3.04, "ratio", "3"],
] as const)("a number says its unit: %s as %s is %s", (value, unit, text) => {
  expect(shown(value, unit).replaceAll("\u202f", " ")).toBe(text);
});

test.each([
  [114, 100, "count", "+14 %", 1],
  [97, 100, "count", "−3 %", -1],
  [100, 100, "count", "±0 %", 0],
  [99, 10, "count", "+890 %", 1],
  [18040, 10, "count", "×1,804", 1],
  [5, 0, "count", "new", 1],
  [0, 0, "count", "±0 %", 0],
  [0.41, 0.39, "share", "+2 points", 1],
  [0.4, 0.41, "share", "−1 point", -1],
  [0.401, 0.4, "share", "+0.1 points", 1],
] as const)("a change says its direction by a sign: from %s to %s as %s", (now, before, unit, text, direction) => {
  const change = changeOf(now, before, unit);
  expect({ ...change, text: change?.text.replaceAll("\u202f", " ") }).toEqual({ text, direction });
});

test("there is no change where there is nothing to compare", () => {
  expect(changeOf(1, null, "count")).toBeNull();
  expect(changeOf(null, 1, "share")).toBeNull();
});
