/** From a timeline to its days, and from a pageview's evidence to words. */

import { nameOf } from "../../tables";
import { TEXTS } from "../../texts";
import { PEOPLE } from "../../texts/people";
import { timeText } from "../../times";
import { sourceText } from "../people/person_texts";
import type { EntryFragment, SeenFragment } from "./person.graphql.ts";

export type Day = { readonly name: string; readonly entries: readonly EntryFragment[] };

/** The entries by day, in their order. */
export function daysOf(entries: readonly EntryFragment[]): Day[] {
  const days = new Map<string, EntryFragment[]>();
  for (const entry of entries) {
    const name = timeText(entry.at, "longDay");
    days.set(name, [...(days.get(name) ?? []), entry]);
  }
  return [...days].map(([name, of]) => ({ name, entries: of }));
}

export type Visit = {
  readonly from: string;
  /** With what, and where. */
  readonly about: string;
  readonly seconds: number;
  /** In the order in which they were seen. */
  readonly pageviews: readonly SeenFragment[];
  readonly count: number;
};

type Source = NonNullable<EntryFragment["session"]>["visitSource"] | undefined;

export function visitOf({ session, pageviews }: EntryFragment): Visit {
  const seen = [...(pageviews ?? [])].reverse();
  const [first] = seen;
  const from = session?.visitSource;
  return {
    from: (from && sourceText(from)) || PEOPLE.noSource,
    about: first ? aboutOf(first, from) : "",
    seconds: session ? (Date.parse(session.endedAt) - Date.parse(session.startedAt)) / 1000 : 0,
    pageviews: seen,
    count: session?.pageviewCount ?? seen.length,
  };
}

function aboutOf(first: SeenFragment, from: Source): string {
  const channel = from?.channel && from.source ? (TEXTS.channels[from.channel] ?? "") : "";
  const device = first.device ? (TEXTS.devices[first.device] ?? "").toLowerCase() : "";
  const programs = [first.browser, first.os, device].filter(Boolean).join(", ");
  const place = [first.city, first.country && nameOf("countries", first.country)].filter(Boolean).join(", ");
  return [channel, programs, place].filter(Boolean).join(" · ");
}

/** What a pageview shows, in the words of its first step. */
export function becauseOf({ why }: SeenFragment): string {
  const [first] = why;
  return first ? PEOPLE.because[first.kind] : PEOPLE.noEvidence;
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A sentence of the API, its instants as a person reads them. */
export const readable = (text: string) => text.replace(INSTANT, (instant) => timeText(instant));

/** What can be undone about a pageview: the browser that it came by, and the merge that made it theirs. */
export function undoOf({ why }: SeenFragment): { readonly visitorId: string | null; readonly mergeId: string | null } {
  const browser = why.find(({ kind, visitorId }) => visitorId && (kind === "STITCHED" || kind === "RECOGNISED"));
  return { visitorId: browser?.visitorId ?? null, mergeId: why.find(({ mergeId }) => mergeId)?.mergeId ?? null };
}
