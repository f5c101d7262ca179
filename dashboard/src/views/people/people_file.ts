/** The list of people as a file: everybody of the list, not only the page that is shown. */

import type { Address } from "../../address";
import { csvOf, download, type Cell } from "../../csv";
import { ask, troubleOf } from "../../graphql";
import { periodText } from "../../periods";
import { PEOPLE } from "../../texts/people";
import { PeopleDocument, type PeopleQuery } from "./people.graphql.ts";
import { personName, sourceText, traitsOf } from "./person_texts";
import { variablesOf } from "./questions";

export type One = NonNullable<PeopleQuery["users"]["nodes"]>[number];

const AT_ONCE = 100;
const MOST = 10_000; // rows: of more people, the import and the export of the command are made for

/** Make the file; what went wrong, or nothing. */
export async function downloadPeople(address: Address): Promise<string> {
  const people: One[] = [];
  for (let after: string | null = null; people.length < MOST; ) {
    const answer: Awaited<ReturnType<typeof page>> = await page(address, after);
    if ("trouble" in answer) return answer.trouble.message;
    const { users }: PeopleQuery = answer.data;
    const trouble = troubleOf(users);
    if (trouble) return trouble.message;
    people.push(...(users.nodes ?? []));
    if (!users.pageInfo?.hasNextPage) break;
    after = users.pageInfo.endCursor;
  }
  download(`people-${periodText(address.period)}.csv`, peopleCsv(people, address.share !== null));
  return "";
}

const page = (address: Address, after: string | null) =>
  ask(PeopleDocument, { ...variablesOf(address), first: AT_ONCE, after }, { app: address.app });

/** A column for each trait that anybody has. */
export function peopleCsv(people: readonly One[], isShared = false): string {
  const traits = [...new Set(people.flatMap((one) => traitsOf(one.traits).map(({ name }) => name)))];
  const { name, from, seen, views } = PEOPLE.columns;
  const { email, phone, externalId } = PEOPLE.identifiers;
  const cells = (one: One): Cell[] => {
    const own = new Map(traitsOf(one.traits).map((trait) => [trait.name, trait.text]));
    return [
      one.id,
      personName(one),
      one.emails.join(" "),
      one.phones.join(" "),
      one.externalId,
      ...(isShared ? [] : [one.firstSource && sourceText(one.firstSource)]),
      one.seenInRange?.lastSeen ?? one.lastSeen,
      one.seenInRange?.pageviewCount ?? one.pageviewCount,
      ...traits.map((trait) => own.get(trait)),
    ];
  };
  return csvOf(["id", name, email, phone, externalId, ...(isShared ? [] : [from]), seen, views, ...traits], people.map(cells));
}
