/** The parts of the world that the map shows. Each has the form of the whole map, so that nothing moves between them. */

import { BOX, SHAPES } from "./shapes";

const [LEFT = 0, TOP = 0, WIDTH = 1, HEIGHT = 1] = BOX.split(" ").map(Number);

/** Where each part begins, and how wide it is, in units of the map. */
const PLACES = {
  world: [LEFT, TOP, WIDTH],
  europe: [376, 34, 260],
  asia: [452, 40, 540],
  africa: [266, 138, 530],
  "north-america": [0, 2, 514],
  "south-america": [66, 205, 514],
  oceania: [556, 218, 440],
} as const;

export type SectionName = keyof typeof PLACES;
type Section = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

export const SECTIONS = Object.keys(PLACES) as SectionName[];

/** The part that an address names; what it does not know is the world. */
export const sectionNamed = (name: string | undefined): SectionName => SECTIONS.find((one) => one === name) ?? "world";

export function sectionOf(name: SectionName): Section {
  const [left, top, width] = PLACES[name];
  return { left, top, width, height: (width * HEIGHT) / WIDTH };
}

export const viewBoxOf = ({ left, top, width, height }: Section): string => [left, top, width, height].join(" ");

/** Whether some of a country lies in a part of the map. */
export function isIn({ left, top, width, height }: Section, code: string): boolean {
  return partsOf(SHAPES[code] ?? "").some(
    ([west, north, east, south]) => west < left + width && east > left && north < top + height && south > top,
  );
}

type Corners = readonly [west: number, north: number, east: number, south: number];

/** The corners of each part of an outline: its mainland, its islands. */
function partsOf(path: string): Corners[] {
  return path
    .split("M")
    .slice(1)
    .map((part) => {
      const [x = 0, y = 0, ...steps] = (part.replace(/h0$/, "").match(/-?\d+/g) ?? []).map(Number);
      const [xs, ys] = [[x], [y]];
      steps.forEach((step, place) => (place % 2 ? ys : xs).push(((place % 2 ? ys : xs).at(-1) ?? 0) + step));
      return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    });
}
