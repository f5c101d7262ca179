/** Requests to begin with, one click away: the first is the one that this API began with. */

import {
  ChannelsDocument,
  DaysDocument,
  DigestsDocument,
  HeroPixelDocument,
  IdentifyDocument,
  LatestDocument,
  LiveDocument,
  PeopleDocument,
  PixelsDocument,
  WhoCallsDocument,
} from "./examples.graphql.ts";
import type { Written } from "./request";
import type { Known } from "./who";

export type Example = { readonly name: string; readonly written: Written };

const ANNA = "6b56db1f84a3997b902509d3fbf0a306"; // the MD5 digest of anna@example.com, as an older tool sends it

/** The examples, about a pixel that is there. Who has not said who calls, sees where credentials may stand. */
export function examplesFor(known: Known): readonly Example[] {
  const { id, domain } = known?.pixel ?? { id: 1, domain: "example.com" };
  const first = known ? HeroPixelDocument : withAuth(HeroPixelDocument);
  return [
    { name: "Record a pageview", written: written(first, { event: { md5: ANNA, pixelId: id, domain } }) },
    { name: "Who calls", written: written(WhoCallsDocument) },
    { name: "Pixels and their domains", written: written(PixelsDocument) },
    { name: "Channels of the last 30 days", written: written(ChannelsDocument, { pixel: id }) },
    { name: "Visitors by day", written: written(DaysDocument, { pixel: id }) },
    { name: "The latest pageviews", written: written(LatestDocument, { pixel: id }) },
    { name: "Say who somebody is", written: written(IdentifyDocument) },
    { name: "People, the newest first", written: written(PeopleDocument) },
    { name: "Digests of an address", written: written(DigestsDocument) },
    { name: "Pageviews as they happen", written: written(LiveDocument, { pixel: id }) },
  ];
}

const written = (query: string, variables?: object): Written => ({
  query: `${query}\n`,
  variables: variables ? JSON.stringify(variables, null, 2) : "",
});

const withAuth = (query: string) =>
  query.replace("event: $event)", 'auth: { appId: "yourAppId", appSecret: "yourAppSecret" }, event: $event)');
