/** Who was here, those who were seen last first; and everybody who matches a search.
 *
 * Visitors of a share see who was here. Where somebody first came from, and their page, are of all pixels: not for them.
 */

import { useEffect, useMemo } from "preact/hooks";
import { useAnswer } from "../../answer";
import { go, hrefOf, withOption } from "../../address";
import { explorerHref } from "../../explorer";
import { troubleOf } from "../../graphql";
import { NOTHING, shown } from "../../numbers";
import { Csv } from "../../parts/Csv";
import { Disc } from "../../parts/Disc";
import { Notices } from "../../parts/Notice";
import { Pages } from "../../parts/Pages";
import { Progress } from "../../parts/Progress";
import { periodName } from "../../shell/PeriodMenus";
import { useShell, type ViewProps } from "../../shell/view";
import { PEOPLE } from "../../texts/people";
import { TEXTS } from "../../texts";
import { agoText, timeText } from "../../times";
import { PeopleDocument } from "./people.graphql.ts";
import { downloadPeople, type One } from "./people_file";
import { personContact, personName, sourceText, traitLine } from "./person_texts";
import { ROOM, variablesOf } from "./questions";
import { Search } from "./Search";

export function People({ address }: ViewProps) {
  const variables = variablesOf(address);
  const asked = useAnswer(PeopleDocument, variables);
  const users = asked.data?.users ?? null;
  useShell(asked.data);
  // It names what these people were asked by, which the address no longer does while others are asked for.
  const said = useMemo(() => users?.totalCount != null && countText(address, users.totalCount), [users]);
  // The cursor is of another period or filter: a page of these begins at the first.
  const isStale = users?.reason === "INVALID_CURSOR";
  useEffect(() => {
    if (isStale) go(withOption(address, "after", null), "replace");
  }, [isStale]);
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={users && !isStale ? [troubleOf(users)] : []} />
      <section class="card panel people" aria-busy={asked.waiting}>
        <header>
          <h1>{PEOPLE.title}</h1>
          <span class="soft" role="status">
            {said}
          </span>
          {!address.share && <Search address={address} />}
        </header>
        {users?.nodes?.length === 0 && <Nobody address={address} />}
        {(!users || Boolean(users.nodes?.length)) && <List address={address} people={users?.nodes ?? null} />}
        <footer>
          <Pages {...{ address, asked }} page={users?.pageInfo} next={TEXTS.next} first={TEXTS.first} />
          <Csv name={PEOPLE.title} download={() => downloadPeople(address)} />
          <span class="fill" />
          <a href={explorerHref(PeopleDocument, variables)}>{TEXTS.explore}</a>
        </footer>
      </section>
    </>
  );
}

function countText({ options, pixel, period }: ViewProps["address"], count: number): string {
  const text = shown(count, "count");
  if (options.search) return PEOPLE.found(text, count === 1);
  return pixel === null ? PEOPLE.known(text, count === 1) : PEOPLE.here(text, count === 1, periodName(period).toLowerCase());
}

function List({ address, people }: ViewProps & { readonly people: readonly One[] | null }) {
  const { columns } = PEOPLE;
  return (
    <table class="figures-table people-table">
      <caption class="hidden">{PEOPLE.title}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.name}</th>
          <th scope="col" class="traits">
            {columns.traits}
          </th>
          {!address.share && (
            <th scope="col" class="from">
              {columns.from}
            </th>
          )}
          <th scope="col">{columns.seen}</th>
          <th scope="col" class="count">
            {columns.views}
          </th>
        </tr>
      </thead>
      <tbody>
        {people
          ? people.map((one) => <Row key={one.id} address={address} one={one} />)
          : Array.from({ length: ROOM }, (_, place) => <Blank key={place} isShared={address.share !== null} />)}
      </tbody>
    </table>
  );
}

function Row({ address, one }: ViewProps & { readonly one: One }) {
  const name = personName(one);
  const seen = one.seenInRange?.lastSeen ?? one.lastSeen;
  const traits = traitLine(one.traits);
  const who = (
    <>
      <Disc name={name} />
      <span>
        <b>{name}</b>
        <small>{personContact(one)}</small>
      </span>
    </>
  );
  return (
    <tr>
      <th scope="row">
        {address.share ? (
          <div class="who">{who}</div>
        ) : (
          <a class="who" href={hrefOf({ ...address, path: ["person", one.id], options: {} })}>
            {who}
          </a>
        )}
      </th>
      <td class="traits" title={traits}>
        {traits || NOTHING}
      </td>
      {!address.share && (
        <td class="from">{one.firstSource ? sourceText(one.firstSource) : <span class="soft">{PEOPLE.noSource}</span>}</td>
      )}
      <td>
        {seen ? (
          <time dateTime={seen} title={timeText(seen)}>
            {agoText(seen, Date.now())}
          </time>
        ) : (
          <span class="soft">{PEOPLE.never}</span>
        )}
      </td>
      <td class="count">{shown(one.seenInRange?.pageviewCount ?? one.pageviewCount, "count")}</td>
    </tr>
  );
}

const Blank = ({ isShared }: { readonly isShared: boolean }) => (
  <tr class="blank" aria-hidden="true">
    <th scope="row">
      <span class="bar" />
    </th>
    <td class="traits" />
    {!isShared && <td class="from" />}
    <td />
    <td class="count" />
  </tr>
);

function Nobody({ address }: ViewProps) {
  if (address.options.search) return <p class="empty">{PEOPLE.noneFound}</p>;
  if (address.pixel !== null) return <p class="empty">{address.share ? PEOPLE.noneShared : PEOPLE.noneHere}</p>;
  return (
    <div class="empty">
      <p>{PEOPLE.none}</p>
      <pre>{PEOPLE.how}</pre>
    </div>
  );
}
