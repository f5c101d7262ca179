/** The steps of the map's colour: round numbers between the least and the most, and what the legend says of each. */

import { shortly, shown, type Unit } from "../../numbers";

const COLOURS = 5;
const FAR = 10; // times: so far apart, even steps would show one country and make all others the same

/** The lower end of each step, ascending. Counts that are far apart grow by factors. */
export function stepsOf(values: readonly number[], unit: Unit): number[] {
  if (!values.length) return [];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (most === least) return [least];
  return unit === "count" && most >= least * FAR ? stepsByFactor(least, most) : evenSteps(least, most, unit);
}

function stepsByFactor(least: number, most: number): number[] {
  const factor = (most / least) ** (1 / COLOURS);
  const ends = new Set(Array.from({ length: COLOURS }, (_, place) => neat(least * factor ** place)));
  return [least, ...[...ends].filter((end) => end > least && end <= most).slice(1 - COLOURS)];
}

function evenSteps(least: number, most: number, unit: Unit): number[] {
  const even = neatAbove((most - least) / (COLOURS - 1));
  const width = unit === "count" ? Math.ceil(even) : even;
  const first = Math.floor(least / width);
  const count = Math.floor(most / width) - first + 1;
  const ends = Array.from({ length: count }, (_, place) => Number(((first + place) * width).toPrecision(6)));
  return unit === "count" ? [least, ...ends.slice(1)] : ends;
}

/** The nearest of 1, 2, 5, 10, 20, 50 ... by its factor. */
function neat(value: number): number {
  const [factor, power] = partsOf(value);
  return (factor < Math.SQRT2 ? 1 : factor < Math.sqrt(10) ? 2 : factor < Math.sqrt(50) ? 5 : 10) * power;
}

/** The next of 1, 2, 2.5, 5, 10, 20, 25, 50 ... */
function neatAbove(value: number): number {
  const [factor, power] = partsOf(value);
  return ([1, 2, 2.5, 5].find((one) => one >= factor) ?? 10) * power;
}

function partsOf(value: number): [factor: number, power: number] {
  const power = 10 ** Math.floor(Math.log10(value));
  return [value / power, power];
}

/** The colour of a value, 1 to 5; 0: none. The highest step has always the strongest. */
export function colourOf(value: number | null | undefined, steps: readonly number[]): number {
  const place = steps.findLastIndex((end) => value !== null && value !== undefined && value >= end);
  return place < 0 ? 0 : colourAt(place, steps.length);
}

export function colourAt(place: number, count: number): number {
  return count < 2 ? COLOURS : 1 + Math.round((place * (COLOURS - 1)) / (count - 1));
}

/** What the legend says of a step: `10–49`, and of the last what the most is. */
export function stepText(place: number, steps: readonly number[], most: number, unit: Unit): string {
  const [from = 0, next] = [steps[place], steps[place + 1]];
  const to = next === undefined ? Math.max(most, from) : unit === "count" ? next - 1 : next;
  return from === to ? text(from, unit) : `${text(from, unit)}–${text(to, unit)}`;
}

const text = (value: number, unit: Unit) => (value < LONG ? shown : shortly)(value, unit);

const LONG = 10_000; // longer numbers have no room in the legend of a telephone
