/** What the settings, the set-up and the view of now work out without a browser. */

import { describe, expect, test } from "vitest";
import { refusalOf } from "../src/act";
import { addressOf } from "../src/address";
import { may } from "../src/rights";
import { agoText } from "../src/times";
import { MANAGE } from "../src/texts/manage";
import { browserText } from "../src/views/manage/browser_text";
import { doneBy } from "../src/views/manage/done_by";
import { sectionOf } from "../src/views/manage/sections";
import type { HappeningFragment } from "../src/views/now/now_view.graphql.ts";
import { figuresOf, joined, ROOM } from "../src/views/now/questions";
import { hostOf } from "../src/views/setup/MakePixel";
import { tagOf, wayOf } from "../src/views/setup/tags";

test("a role includes those below it, and the app itself may do everything", () => {
  expect([may("EDITOR", "ANALYST"), may("EDITOR", "EDITOR"), may("EDITOR", "OWNER"), may(null, "OWNER")]).toEqual([true, true, false, true]);
});

test("a merge says in words what was given together, and where", () => {
  expect(MANAGE.merges.by("COMMAND", ["EXTERNAL_ID", "PHONE"])).toBe("Named together: external id, telephone (command)");
  expect(MANAGE.merges.by("API", [])).toBe("By hand (API)");
});

test("an answer is refused by the first field that is", () => {
  const done = { code: 200, message: "Done" };
  expect(refusalOf({ one: done })).toBe("");
  expect(refusalOf({ one: done, other: { code: 400, message: "Your role is VIEWER" } })).toBe("Your role is VIEWER.");
});

test.each([
  [0, "now"],
  [90, "1 min ago"],
  [3 * 3600, "3 hr ago"],
  [25 * 3600, "yesterday"],
  [30 * 86_400, "13 Oct 2026"],
])("%d seconds ago is %s", (seconds, text) => {
  const now = Date.parse("2026-11-12T12:00:00Z");
  expect(agoText(new Date(now - seconds * 1000).toISOString(), now)).toBe(text);
});

describe("the tag", () => {
  const pixel = { id: 7, domains: ["shop.example"], consentMode: "REQUIRED" as const };
  const base = "https://stats.example/below/#/pixels/7/setup";

  test("names the script beside the dashboard and the pixel", () => {
    expect(tagOf("html", pixel, base)).toBe('<script defer src="https://stats.example/below/pixel.js" data-pixel="7"></script>');
    expect(tagOf("gtm", pixel, base)).toBe('<script defer src="https://stats.example/below/pixel.js?pixel=7"></script>');
    expect(tagOf("curl", pixel, base)).toContain("https://stats.example/below/graphql");
    expect(tagOf("curl", pixel, base)).toContain('"domain":"shop.example"');
  });

  test("says the consent mode where it is not the usual one", () => {
    const implied = { ...pixel, consentMode: "IMPLIED" as const };
    expect(tagOf("wordpress", implied, base)).toContain('data-consent="implied"');
    expect(tagOf("gtm", implied, base)).toContain("?pixel=7&consent=implied");
  });

  test("is HTML where the address names no way", () => expect([wayOf("gtm"), wayOf("fax"), wayOf(undefined)]).toEqual(["gtm", "html", "html"]));
});

test.each([
  [" https://Shop.example/landing?a=1 ", "shop.example"],
  ["shop.example/landing", "shop.example"],
  ["shop.example", "shop.example"],
])("the host of %s", (text, host) => expect(hostOf(text)).toBe(host));

test("the section of the settings is that of the address, of the pixel first", () => {
  expect(sectionOf(addressOf("#/pixels/1/settings"))).toBe("pixel");
  expect(sectionOf(addressOf("#/settings"))).toBe("pixels");
  expect(sectionOf(addressOf("#/settings/pixel"))).toBe("pixels");
  expect(sectionOf(addressOf("#/settings/keys"))).toBe("keys");
});

test("who did something is named as long as they are a member", () => {
  const entry = { id: "1", at: "2026-11-12T12:00:00Z", by: "MEMBER", byId: "m1", action: "forget", about: "era_1" };
  expect(doneBy(entry, [{ id: "m1", email: "otto@example.com" }])).toBe("otto@example.com");
  expect(doneBy(entry, [])).toBe("a member m1");
  expect(doneBy({ ...entry, by: "COMMAND", byId: null }, null)).toBe("a command");
});

test.each([
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge, Windows"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1", "Safari, iOS"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"],
  [null, ""],
])("a session is known by its browser: %s", (agent, text) => expect(browserText(agent)).toBe(text));

describe("now", () => {
  const one = (eventId: string) => ({ eventId }) as HappeningFragment;

  test("is the last five minutes, and the last thirty by minute", () => {
    const { here, pages, minutes } = figuresOf(3, new Date("2026-11-12T12:00:00Z"));
    expect(here.range).toEqual({ from: "2026-11-12T11:55:00.000Z", to: "2026-11-12T12:00:00.000Z" });
    expect(minutes.range.from).toBe("2026-11-12T11:30:00.000Z");
    expect(pages).toMatchObject({ pixelIds: [3], dimensions: ["PAGE"], limit: 6 });
  });

  test("lists each pageview once, the latest first, as many as there is room for", () => {
    expect(joined([one("c"), one("b")], [one("b"), one("a")]).map(({ eventId }) => eventId)).toEqual(["c", "b", "a"]);
    expect(joined([], Array.from({ length: ROOM + 5 }, (_, place) => one(`e${place}`)))).toHaveLength(ROOM);
  });
});
