/** Makes the shapes of countries for the map, from the public domain borders of Natural Earth: `src/parts/countries/shapes.ts`. */

import { geoNaturalEarth1 } from "d3-geo";
import { iso31661NumericToAlpha2 } from "iso-3166";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { feature, mergeArcs } from "topojson-client";
import { topology } from "topojson-server";
import { filter, filterWeight, planarRingArea, presimplify, simplify } from "topojson-simplify";
import { writeIfChanged } from "./codegen.mjs";

const INTO = fileURLToPath(new URL("src/parts/countries/shapes.ts", import.meta.url));
const WIDTH = 1000; // units of the map, about two a pixel of the screen
const LEFT = 20; // units: west of Polynesia
const RIGHT = 996; // units: east of Fiji
const TOP = -6; // units: some sea above the north of Greenland, which the projection makes flat: it would look cut off
const BOTTOM = 442; // units: below Cape Horn; Antarctica is left out
const PARTED_AT = -168.4; // degrees: the edge of the map, in the Bering Strait
const FINE = 20; // parts of a unit: the two sides of the 180th meridian meet in the same points
const DETAIL = 2.5; // square units: a corner that is less is left out
const ISLAND = 3; // square units: so is an island
const DOT = 14; // square units: a country that is less is a dot

/** Areas that the source has without a code, or in the country that they belong to. ISO 3166 has them under these codes. */
const NAMED = { Kosovo: "XK", "N. Cyprus": "CY", Somaliland: "SO" };
const PARTS = [
  { of: "FR", code: "GF", box: [-55, 2, -51, 6] },
  { of: "FR", code: "GP", box: [-62, 15.8, -60.9, 16.6] },
  { of: "FR", code: "MQ", box: [-61.3, 14.3, -60.7, 15] },
  { of: "FR", code: "RE", box: [55, -21.5, 56, -20.8] },
  { of: "FR", code: "YT", box: [45, -13.1, 45.4, -12.5] },
  { of: "NL", code: "BQ", box: [-68.6, 12, -68.1, 12.4] },
  { of: "NO", code: "SJ", box: [10, 74, 35, 81] },
  { of: "RU", code: "UA", box: [32, 44, 36.7, 46.3] }, // Crimea
];

/** Where the source has nothing: degrees east and north. */
const POINTS = {
  BV: [3.4, -54.4],
  CC: [96.9, -12.2],
  CX: [105.6, -10.5],
  GI: [-5.4, 36.1],
  TK: [-171.8, -9.2],
  TV: [179.2, -8.5],
  UM: [166.6, 19.3],
};

/** Write the outline of each country as the `d` of a path, by its code of ISO 3166-1; of a small one a dot, which is a line of no length. */
export function makeCountries() {
  const project = geoNaturalEarth1().rotate([-180 - PARTED_AT, 0]).fitWidth(WIDTH, { type: "Sphere" });
  const onMap = (place) => project(place).map((at) => Math.round(at * FINE) / FINE);
  const areas = [...polygonsByCode()].map(([id, polygons]) => {
    const coordinates = polygons.map((rings) => rings.map((ring) => ring.map(onMap))).filter(([outer]) => !isParted(outer));
    return { type: "Feature", id, geometry: { type: "MultiPolygon", coordinates } };
  });
  const shapes = Object.fromEntries(pathsOf(areas));
  for (const [code, place] of Object.entries(POINTS)) shapes[code] ??= dotAt(onMap(place));
  mkdirSync(dirname(INTO), { recursive: true });
  writeIfChanged(INTO, textOf(shapes));
}

function polygonsByCode() {
  const source = createRequire(import.meta.url).resolve("world-atlas/countries-50m.json");
  const world = JSON.parse(readFileSync(source, "utf8"));
  const polygons = new Map();
  for (const { id = "", properties, geometry } of feature(world, world.objects.countries).features) {
    const country = iso31661NumericToAlpha2[String(id).padStart(3, "0")] ?? NAMED[properties.name];
    if (!country || country === "AQ") continue;
    for (const rings of geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates) {
      const code = PARTS.find((part) => part.of === country && isIn(part.box, rings[0][0]))?.code ?? country;
      polygons.set(code, [...(polygons.get(code) ?? []), rings]);
    }
  }
  return polygons;
}

/** An island at the edge of the map would be drawn from one end to the other. It is one of the Aleutians. */
const isParted = (ring) => ring.some(([x]) => x > WIDTH * 0.75) && ring.some(([x]) => x < WIDTH / 4);

const isIn = ([west, south, east, north], [x, y]) => x >= west && x <= east && y >= south && y <= north;

/** Borders are simplified once for both sides, so that no gap opens between neighbours. */
function pathsOf(areas) {
  const large = areas.map(({ geometry }) => [...largestOf(geometry.coordinates.map(([outer]) => outer))]); // it is changed below
  const whole = topology({ areas: { type: "FeatureCollection", features: areas } });
  whole.objects.areas.geometries = whole.objects.areas.geometries.map((one) => ({ ...mergeArcs(whole, [one]), id: one.id }));
  const simple = simplify(presimplify(whole), DETAIL);
  const drawn = filter(simple, filterWeight(simple, ISLAND));
  const kept = new Map(drawn.objects.areas.geometries.map((one) => [one.id, one])); // without countries that are too small
  return areas.map(({ id }, place) => {
    if (planarRingArea(large[place]) < DOT) return [id, dotAt(middleOf(large[place]))];
    return [id, feature(drawn, kept.get(id)).geometry.coordinates.flat().map(ringText).join("")];
  });
}

const largestOf = (rings) => rings.reduce((one, other) => (planarRingArea(other) > planarRingArea(one) ? other : one));

function middleOf(ring) {
  const between = (values) => (Math.min(...values) + Math.max(...values)) / 2;
  return [between(ring.map(([x]) => x)), between(ring.map(([, y]) => y))];
}

const dotAt = ([x, y]) => `M${Math.round(x)} ${Math.round(y)}h0`;

/** A ring in whole units, each point by its distance from the one before; empty where less than a triangle is left. */
function ringText(ring) {
  const points = ring.map((point) => point.map(Math.round)).filter(([x, y], place, all) => !place || x !== all[place - 1][0] || y !== all[place - 1][1]);
  points.pop(); // it is the first again
  const [first, ...others] = points;
  if (others.length < 2) return "";
  const steps = others.map(([x, y], place) => `${x - points[place][0]} ${y - points[place][1]}`);
  return `M${first.join(" ")}l${steps.join(" ")}z`.replaceAll(" -", "-");
}

function textOf(shapes) {
  const lines = Object.entries(shapes).map(([code, path]) => `  ${code}: "${path}",`);
  return `// Made by countries.mjs.
export const BOX = "${LEFT} ${TOP} ${RIGHT - LEFT} ${BOTTOM - TOP}";
export const SHAPES: Readonly<Record<string, string>> = {
${lines.sort().join("\n")}
};
`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) makeCountries();
