/** Shares without a browser: what the form asks for, and what is shown of a share. */

import { expect, test } from "vitest";
import { addressOf, hrefOf } from "../src/address";
import { inputOf } from "../src/filters";
import { EMPTY, endingOf, frameOf, linkHere, variablesOf } from "../src/views/shares/questions";
import { filterOf } from "../src/stored_filter";

const FRAGMENT = "#/pixels/3/shares?filter=country~is~CH~DE&filter=page~not-like~/u/*|source~contains~goo";

test("a share is asked for with the filters of the address, and its last day ends when the next begins", () => {
  const given = { ...EMPTY, name: "Swiss", lastDay: "2026-02-28", embedOn: " https://a.example\nhttps://b.example " };
  const asked = variablesOf(addressOf(FRAGMENT), given);
  expect(asked.pixelId).toBe(3);
  expect(asked.filter).toEqual(inputOf(addressOf(FRAGMENT).filter));
  expect(asked.embedOn).toEqual(["https://a.example", "https://b.example"]);
  expect(asked.password).toBeNull();
  expect(asked.expiresAt).toBe(new Date(2026, 2, 1).toISOString());
  expect(endingOf(String(asked.expiresAt), new Date(2026, 1, 28, 12))).toEqual({ day: "28 Feb 2026", isOver: false });
  expect(endingOf(String(asked.expiresAt), new Date(2026, 2, 1))?.isOver).toBe(true);
  expect(variablesOf(addressOf("#/pixels/3/shares"), EMPTY)).toMatchObject({ expiresAt: null, filter: null, embedOn: [] });
});

test("the filter of a share is shown as the lines that made it, and one of the API as such", () => {
  const { filter } = addressOf(FRAGMENT);
  expect(filterOf(inputOf(filter))).toEqual(filter);
  expect(filterOf(null)).toEqual([]);
  for (const line of filter) expect(filterOf(inputOf([line]))).toEqual([line]);
  expect(filterOf({ not: { and: [{ on: { dimension: "PAGE", is: ["/"] } }] } })).toBeNull();
  expect(filterOf({ on: { dimension: "PIXEL", is: ["1"] } })).toBeNull();
});

test("the link leads by the way on which this page reaches the server", () => {
  const link = "https://inside:8080/share?id=shr_1#share=abc";
  expect(linkHere(link, "https://shop.example/stats/#/pixels/1")).toBe("https://shop.example/stats/share?id=shr_1#share=abc");
  expect(frameOf("https://x.example/share?id=1#share=a", '"A" & <b>')).toContain('title="&quot;A&quot; &amp; &lt;b>"');
});

test("the token of a share stays in the address", () => {
  const opened = addressOf("#share=a-b_c");
  expect(opened).toMatchObject({ share: "a-b_c", pixel: null, path: [] });
  expect(hrefOf({ ...opened, pixel: 2 })).toBe("#/pixels/2?share=a-b_c");
  expect(addressOf("#/pixels/2/table?share=a-b_c")).toMatchObject({ share: "a-b_c", pixel: 2, path: ["table"] });
  expect(addressOf("#/pixels/2").share).toBeNull();
});
