import { expect, test } from "vitest";
import { addressOf, hrefOf, withOption } from "../src/address";

test.each([
  "#/",
  "#/pixels/1",
  "#/pixels/12/people/abc%2Fdef",
  "#/settings/members",
  "#/pixels/1?app=app_1&period=last-7-days",
  "#/pixels/1?period=2026-11-01..2026-11-15&compare=none",
  "#/pixels/1?compare=previous-year&filter=page~like~/shop/*|country~is-not~DE~AT&filter=source~is~Google",
  "#/pixels/1?filter=source~is~",
  "#/pixels/1?filter=page~is~a%21-b%211c%21%21d",
  "#/pixels/1?metric=bounce-rate&from=sources&sort.sources=visitors-asc",
])("what an address says is all read and written again: %s", (fragment) => {
  expect(hrefOf(addressOf(fragment))).toBe(fragment);
});

test.each([
  ["", "#/"],
  ["#", "#/"],
  ["#/pixels/one", "#/pixels/one"],
  ["#/pixels/1?period=last-30-days&compare=same-weekdays", "#/pixels/1"],
  ["#/pixels/1?period=yesteryear", "#/pixels/1"],
  ["#/pixels/1?period=2026-11-15..2026-11-01", "#/pixels/1"],
  ["#/pixels/1?filter=nonsense&filter=page~is~/", "#/pixels/1?filter=page~is~/"],
  ["#/pixels/1?filter=minute~is~1", "#/pixels/1"],
  ["#/pixels/%E0%A4%A", "#/pixels/%25E0%25A4%25A"],
])("an address that says nothing known is read as what is usual: %s", (fragment, read) => {
  expect(hrefOf(addressOf(fragment))).toBe(read);
});

test("an option that is usual is not in the address", () => {
  const sorted = withOption(addressOf("#/pixels/1"), "from", "sources");
  expect(hrefOf(sorted)).toBe("#/pixels/1?from=sources");
  expect(hrefOf(withOption(sorted, "from", null))).toBe("#/pixels/1");
});
