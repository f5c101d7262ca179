/** People in words: names, traits, sources; and what somebody writes to name one. */

import { describe, expect, test } from "vitest";
import { addressOf } from "../src/address";
import { initials } from "../src/parts/Disc";
import { personContact, personName, sourceText, traitLine, traitsOf } from "../src/views/people/person_texts";
import { peopleCsv } from "../src/views/people/people_file";
import { variablesOf } from "../src/views/people/questions";
import { joined } from "../src/views/person/person_file";
import { contactOf, isMasked, selectorOf } from "../src/views/person/selectors";

const NOBODY = { id: "42", name: null, externalId: null, emails: [], phones: [] };

describe("a person", () => {
  test.each([
    [{ ...NOBODY, name: "Anna Keller", emails: ["a@example.com"] }, "Anna Keller", "a@example.com"],
    [{ ...NOBODY, emails: ["a@example.com"], externalId: "c-1" }, "a@example.com", "c-1"],
    [{ ...NOBODY, externalId: "c-1" }, "c-1", ""],
    [{ ...NOBODY, phones: ["+41790000000"] }, "+41790000000", ""],
    [NOBODY, "User 42", ""],
  ])("is named by the best that is known: %j", (person, name, contact) => {
    expect([personName(person), personContact(person)]).toEqual([name, contact]);
  });

  test.each([
    ["Anna Keller", "AK"],
    ["Anna Maria Keller-Ott", "AO"],
    ["Ödön", "ÖD"],
    ["anna.keller@example.com", "AN"],
    ["•", "?"],
  ])("has initials: %s", (name, letters) => expect(initials(name)).toBe(letters));

  test("has traits as text, without the name", () => {
    const traits = { first_name: "Anna", plan: "pro", orders: 12, vip: true, tags: ["a"], gone: null, empty: "", city: "Bern" };
    expect(traitLine(traits)).toBe("pro · orders 12 · vip true");
    expect(traitsOf(traits).map(({ name }) => name)).toEqual(["plan", "orders", "vip", "tags", "city"]);
    expect(traitsOf(traits)[3]?.text).toBe('["a"]');
    expect([traitsOf(null), traitsOf("text")]).toEqual([[], []]);
  });

  test.each([
    [{ source: "Google", channel: "PAID_SEARCH", utmCampaign: "brand" }, "Google, brand"],
    [{ source: null, channel: "REFERRAL", utmCampaign: null, referrer: "blog.example" }, "blog.example"],
    [{ source: null, channel: "DIRECT", utmCampaign: null }, "Direct"],
    [{ source: null, channel: null, utmCampaign: null }, ""],
  ])("came from somewhere: %j", (from, text) => expect(sourceText(from)).toBe(text));
});

describe("the list of people", () => {
  test("is of the pixel, the period and the filter", () => {
    const { seen, search } = variablesOf(addressOf("#/pixels/3/people?period=today&filter=page~is~/a"));
    expect(search).toBeUndefined();
    expect(seen).toMatchObject({ pixelIds: [3], range: { name: "TODAY" }, filter: { on: { dimension: "PAGE", is: ["/a"] } } });
  });

  test("is of everybody where somebody searches, and where no pixel is chosen", () => {
    expect(variablesOf(addressOf("#/pixels/3/people?period=today&search=+anna+"))).toEqual({
      first: 25,
      after: null,
      search: { text: "anna" },
    });
    expect(variablesOf(addressOf("#/people?after=x"))).toEqual({ first: 25, after: "x" });
  });
});

describe("what somebody writes", () => {
  test.each([
    [" anna@example.com ", { email: "anna@example.com" }],
    ["+41 79 123 45 67", { phone: "+41 79 123 45 67" }],
    ["a".repeat(32), { md5: "a".repeat(32) }],
    ["B".repeat(64), { sha256: "B".repeat(64) }],
    ["1099511627776", { id: "1099511627776" }],
    ["c-1024", { externalId: "c-1024" }],
    ["4711", { externalId: "4711" }],
  ])("names a user: %s", (text, selector) => expect(selectorOf(text)).toEqual(selector));

  test("is a contact, or not, or masked", () => {
    expect([contactOf("c-1024"), contactOf("1099511627776")]).toEqual([null, null]);
    expect([isMasked("a•••@example.com"), isMasked("a@example.com")]).toEqual([true, false]);
  });
});

test("a file of a person joins the pageviews of all pages", () => {
  const pages = [
    { users: [1], pageviews: ["a", "b"] },
    { users: [1], pageviews: ["c"] },
  ];
  expect(joined(pages)).toEqual({ users: [1], pageviews: ["a", "b", "c"] });
});

test("the list as a file has a column for each trait that anybody has", () => {
  const one = { ...NOBODY, traits: { name: "A", plan: "pro" }, lastSeen: null, pageviewCount: 2, seenInRange: null, firstSource: null };
  const lines = peopleCsv([{ ...one, name: "A" }, { ...one, id: "43", externalId: "c-1", traits: { city: "Bern" } }]).split("\r\n");
  expect(lines.slice(0, 3)).toEqual([
    "id,Name,email,telephone,external id,First came from,Last seen,Pageviews,plan,city",
    "42,A,,,,,,2,pro,",
    "43,c-1,,,c-1,,,2,,Bern",
  ]);
});
