/** From the address to what the list of people asks. */

import type { Address } from "../../address";
import { inputOf } from "../../filters";
import { rangeOf } from "../../periods";
import { zone } from "../../tables";
import type { PeopleQueryVariables } from "./people.graphql.ts";

export const ROOM = 25; // rows of a page

/** A search looks at everybody, whenever they were here: who asks for help may have been here long ago. */
export function variablesOf(address: Address): PeopleQueryVariables {
  const text = address.options.search?.trim();
  const page = { first: ROOM, after: address.options.after ?? null };
  if (text) return { ...page, search: { text } };
  if (address.pixel === null) return page;
  const filter = inputOf(address.filter);
  return {
    ...page,
    seen: { pixelIds: [address.pixel], range: rangeOf(address.period), timezone: zone(), ...(filter ? { filter } : {}) },
  };
}
