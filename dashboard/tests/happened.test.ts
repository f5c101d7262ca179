/** A timeline: its days, its visits, why a pageview is somebody's, and what can be undone. */

import { expect, test } from "vitest";
import type { EntryFragment, SeenFragment } from "../src/views/person/person.graphql.ts";
import { becauseOf, daysOf, readable, undoOf, visitOf } from "../src/views/person/happened";

type Step = SeenFragment["why"][number];
const step = (kind: Step["kind"], more: Partial<Step> = {}): Step => ({ kind, text: "", visitorId: null, mergeId: null, ...more });

const SEEN: SeenFragment = {
  eventId: "1",
  pixelId: 1,
  timestamp: "2026-11-12T10:00:00Z",
  domain: "example.com",
  path: "/",
  title: null,
  browser: "Firefox",
  os: "Linux",
  device: "MOBILE",
  country: "CH",
  city: "Bern",
  why: [],
};
const ENTRY: EntryFragment = {
  kind: "VISIT",
  at: "2026-11-12T10:00:00Z",
  text: "",
  session: { startedAt: "2026-11-12T10:00:00Z", endedAt: "2026-11-12T10:06:12Z", pageviewCount: 3, visitSource: null },
  pageviews: [],
  merge: null,
  browser: null,
  unlink: null,
};

test("entries are put under their days, in their order", () => {
  const at = (text: string) => ({ ...ENTRY, at: text });
  const days = daysOf([at("2026-11-12T12:00:00Z"), at("2026-11-12T11:00:00Z"), at("2026-11-10T12:00:00Z")]);
  expect(days.map(({ name, entries }) => [name, entries.length])).toEqual([
    ["Thursday, 12 November 2026", 2],
    ["Tuesday, 10 November 2026", 1],
  ]);
});

test("a visit says where it came from, with what, for how long, and its pages as they were seen", () => {
  const from = (source: string | null, channel: "EMAIL" | "DIRECT" | "INTERNAL", utmCampaign: string | null = null) => ({
    ...ENTRY,
    session: ENTRY.session && { ...ENTRY.session, visitSource: { source, channel, referrer: null, utmCampaign } },
    pageviews: [
      { ...SEEN, path: "/b" },
      { ...SEEN, path: "/a" },
    ],
  });
  const visit = visitOf(from("Newsletter", "EMAIL", "autumn"));
  expect(visit.pageviews.map(({ path }) => path)).toEqual(["/a", "/b"]);
  expect(visit).toMatchObject({
    from: "Newsletter, autumn",
    about: "Email · Firefox, Linux, telephone · Bern, Switzerland",
    seconds: 372,
    count: 3,
  });
  expect(visitOf(from(null, "DIRECT")).from).toBe("Direct");
  expect(visitOf(ENTRY).from).toBe("Not known");
});

test("the first step of the evidence is its heading", () => {
  expect(becauseOf({ ...SEEN, why: [step("STITCHED"), step("LINKED")] })).toBe("Theirs by their browser, afterwards");
  expect(becauseOf(SEEN)).toBe("What made it theirs was not kept.");
});

test("a pageview that came by its browser can be unlinked, and one that came by a merge unmerged", () => {
  const linked = [step("RECOGNISED", { visitorId: "v" }), step("LINKED", { visitorId: "v" }), step("MERGED", { mergeId: "7" })];
  expect(undoOf({ ...SEEN, why: linked })).toEqual({ visitorId: "v", mergeId: "7" });
  expect(undoOf({ ...SEEN, why: [step("NAMED")] })).toEqual({ visitorId: null, mergeId: null });
});

test("instants in sentences are written as a person reads them", () => {
  expect(readable("Linked at 2026-11-12T10:00:00.123Z by a pageview.")).toMatch(/^Linked at 12 Nov 2026, \d\d:00 by a pageview\.$/);
});
