import { expect, test } from "vitest";
import type { PixelsQuery } from "../src/views/pixels/pixels.graphql.ts";
import { figureText, linesOf } from "../src/views/pixels/questions";

const answer = (rows: unknown[] | null) =>
  ({ pixels: { nodes: [{ id: 1, name: "Site", domains: [] }] }, figures: { rows }, course: { rows } }) as unknown as PixelsQuery;

const texts = (rows: unknown[] | null) =>
  linesOf(answer(rows)).map(({ figures }) => (["VISITORS", "MATCH_RATE"] as const).map((metric) => figureText(figures, metric)));

test("a pixel without pageviews has no visitors and no match rate, and one that could not be read has neither", () => {
  expect(texts([])).toEqual([["0", "–"]]);
  expect(texts(null)).toEqual([["–", "–"]]);
});
