import { iso31661 } from "iso-3166";
import { expect, test } from "vitest";
import { addressOf } from "../src/address";
import { isDot, marksOf, placeAfter } from "../src/parts/countries/marks";
import { BOX, SHAPES } from "../src/parts/countries/shapes";
import { isIn, SECTIONS, sectionNamed, sectionOf, viewBoxOf } from "../src/parts/countries/sections";
import { colourAt, colourOf, stepsOf, stepText } from "../src/parts/countries/steps";
import type { RowFragment } from "../src/parts/report.graphql.ts";

const HERE = addressOf("#/pixels/7?period=last-7-days&filter=channel~is~EMAIL");
const row = (country: string, count: number, matchRate = 0.5) => ({ country, visitors: { count }, matchRate }) as unknown as RowFragment;

test("every country of ISO 3166-1 but Antarctica is on the map, and Kosovo", () => {
  const codes = [...iso31661.map(({ alpha2 }) => alpha2).filter((code) => code !== "AQ"), "XK"];
  expect(Object.keys(SHAPES).sort()).toEqual(codes.sort());
  expect(["SG", "MT", "LI", "GI", "RE"].filter((code) => !isDot(code))).toEqual([]);
  expect(["CH", "DE", "GF", "SI"].filter(isDot)).toEqual([]);
});

test("outlines are whole, within the map, and no border leads across it", () => {
  const [left = 0, top = 0, width = 0, height = 0] = BOX.split(" ").map(Number);
  for (const [code, path] of Object.entries(SHAPES)) {
    expect(path, code).toMatch(/^(M\d+ \d+h0|(M\d+ \d+l[-\d ]+z)+)$/);
    for (const [, x, y, steps = ""] of path.matchAll(/M(\d+) (\d+)(?:l([-\d ]+)z)?/g)) {
      const numbers = (steps.match(/-?\d+/g) ?? []).map(Number);
      const xs = numbers.reduce((all, step, place) => (place % 2 ? all : [...all, (all.at(-1) ?? 0) + step]), [Number(x)]);
      expect(Math.min(...xs), code).toBeGreaterThanOrEqual(left);
      expect(Math.max(...xs), code).toBeLessThanOrEqual(left + width);
      expect(Math.max(...xs) - Math.min(...xs), code).toBeLessThan(width / 2);
      expect(Number(y) >= top && Number(y) <= top + height, code).toBe(true);
    }
  }
});

test("the steps of a count are round numbers between the least and the most", () => {
  expect(stepsOf([832, 821, 557, 409, 104, 40], "count")).toEqual([40, 50, 100, 200, 500]);
  expect(stepsOf([1, 12_345], "count")).toEqual([1, 5, 50, 200, 2000]);
  expect(stepsOf([34, 32, 24, 23], "count")).toEqual([23, 25, 30]);
  expect(stepsOf([1, 2, 3], "count")).toEqual([1, 2, 3]);
  expect(stepsOf([4, 9], "count")).toEqual([4, 6, 8]);
  expect(stepsOf([57], "count")).toEqual([57]);
  expect(stepsOf([], "count")).toEqual([]);
  expect(stepsOf([0, 0.31, 0.9], "share")).toEqual([0, 0.25, 0.5, 0.75]);
  expect(stepsOf([0.5], "share")).toEqual([0.5]);
});

test("no step is above the most, and each value has a colour", () => {
  for (const least of [1, 7, 99, 1000])
    for (const most of [least, least + 1, least * 3, least * 5000]) {
      const steps = stepsOf([least, most], "count");
      expect(steps).toEqual([...new Set(steps)].sort((one, other) => one - other));
      expect(steps.length).toBeLessThanOrEqual(5);
      expect([steps[0], colourOf(most, steps)]).toEqual([least, 5]);
    }
});

test("more is a stronger colour, and none has none", () => {
  const steps = [40, 50, 100, 200, 500];
  expect([40, 49, 50, 199, 200, 832].map((value) => colourOf(value, steps))).toEqual([1, 1, 2, 3, 4, 5]);
  expect([null, undefined, 0].map((value) => colourOf(value, steps))).toEqual([0, 0, 0]);
  expect([0, 1, 2].map((place) => colourAt(place, 3))).toEqual([1, 3, 5]);
  expect(colourAt(0, 1)).toBe(5);
});

test("the legend says the numbers of each step", () => {
  const steps = stepsOf([1, 12_345], "count");
  expect(steps.map((_, place) => stepText(place, steps, 12_345, "count"))).toEqual(["1–4", "5–49", "50–199", "200–1,999", "2,000–12.3k"]);
  expect(stepText(0, [57], 57, "count")).toBe("57");
  expect(stepText(1, [0, 0.2, 0.4], 0.5, "share")).toBe("20\u202f%–40\u202f%");
});

test("a country is named with its figure, the highest first, and leads where its row does", () => {
  const marks = marksOf(HERE, [row("CH", 30), row("", 99), row("SG", 50), row("DE", 1234), row("AQ", 4), row("AT", 0)], "VISITORS");
  expect(marks.map(({ label }) => label)).toEqual(["Germany: 1,234 Visitors", "Switzerland: 30 Visitors", "Singapore: 50 Visitors"]);
  expect(marks[1]?.href).toBe("#/pixels/7?period=last-7-days&filter=channel~is~EMAIL&filter=country~is~CH");
  expect(marksOf(HERE, [row("CH", 30, 0)], "MATCH_RATE").map(({ label }) => label)).toEqual(["Switzerland: 0\u202f% Match rate"]);
});

test("the arrow keys lead through all countries and around", () => {
  expect(["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Home", "End", "a"].map((key) => placeAfter(key, 2, 3))).toEqual([0, 0, 1, 1, 0, 2, null]);
});

test("a part of the map has the form of the whole, and the countries that somebody looks for there", () => {
  const world = sectionOf("world");
  expect(viewBoxOf(world)).toBe(BOX);
  for (const name of SECTIONS) expect(sectionOf(name).width / sectionOf(name).height, name).toBeCloseTo(world.width / world.height);
  expect(Object.keys(SHAPES).filter((code) => !isIn(world, code))).toEqual([]);
  const within = (name: string, codes: string) => codes.split(" ").filter((code) => isIn(sectionOf(sectionNamed(name)), code));
  expect(within("europe", "IS NO MT CY PT UA US IN BR SG")).toEqual(["IS", "NO", "MT", "CY", "PT", "UA"]);
  expect(within("asia", "TR JP ID CN US BR")).toEqual(["TR", "JP", "ID", "CN"]);
  expect(within("africa", "EG ZA MG CV CH CA")).toEqual(["EG", "ZA", "MG", "CV"]);
  expect(within("north-america", "CA US MX CU PA IN")).toEqual(["CA", "US", "MX", "CU", "PA"]);
  expect(within("south-america", "BR CL CO EC CH CA")).toEqual(["BR", "CL", "CO", "EC"]);
  expect(within("oceania", "AU NZ FJ PG CH CA")).toEqual(["AU", "NZ", "FJ", "PG"]);
  expect([sectionNamed("mars"), sectionNamed(undefined)]).toEqual(["world", "world"]);
});
