/** Pageviews as they happen, the latest first. */

import { hrefOf, type Address } from "../../address";
import type { Trouble } from "../../graphql";
import { NOTHING, shown } from "../../numbers";
import { nameOf } from "../../tables";
import { NOW } from "../../texts/now";
import { timeText } from "../../times";
import { sourceText } from "../people/person_texts";
import type { HappeningFragment } from "./now_view.graphql.ts";

type Props = {
  readonly address: Address;
  /** Null: not there yet. */
  readonly list: readonly HappeningFragment[] | null;
  readonly waiting: number;
  readonly paused: boolean;
  /** Why this role sees no pageviews; null: it does. */
  readonly refused: Trouble | null;
  readonly toggle: () => void;
};

export function Happening({ address, list, waiting, paused, refused, toggle }: Props) {
  return (
    <section class="card panel happening" aria-label={NOW.happening}>
      <header>
        <h2>{NOW.happening}</h2>
        <span class="soft" role="status">
          <span class={paused || refused ? "dot off" : "dot"} aria-hidden="true" />{" "}
          {paused ? NOW.paused(shown(waiting, "count"), waiting === 1) : refused ? "" : NOW.running}
        </span>
        <span class="fill" />
        <button type="button" class="button" aria-pressed={paused} onClick={toggle}>
          {paused ? NOW.go : NOW.pause}
        </button>
      </header>
      {refused ? <p class="empty">{refused.message}</p> : list?.length === 0 ? <p class="empty">{NOW.none}</p> : <List address={address} list={list ?? []} />}
    </section>
  );
}

function List({ address, list }: Pick<Props, "address"> & { readonly list: readonly HappeningFragment[] }) {
  const { columns } = NOW;
  return (
    <table class="figures-table happening-table">
      <caption class="hidden">{NOW.happening}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.time}</th>
          <th scope="col">{columns.page}</th>
          <th scope="col">{columns.who}</th>
          <th scope="col">{columns.from}</th>
          <th scope="col">{columns.place}</th>
          <th scope="col">{columns.with}</th>
        </tr>
      </thead>
      <tbody>
        {list.map((one, place) => (
          <tr key={one.eventId || place}>
            <td>
              <time dateTime={one.timestamp}>{timeText(one.timestamp, "second")}</time>
            </td>
            <th scope="row">{one.path ?? one.domain}</th>
            <td>
              {one.userId ? (
                <a class="known" href={hrefOf({ ...address, path: ["person", one.userId], options: {} })}>
                  {NOW.person}
                </a>
              ) : (
                <span class="soft">{NOW.anonymous}</span>
              )}
            </td>
            <td>{(one.channel !== "INTERNAL" && sourceText(one)) || NOTHING}</td>
            <td>{[one.city, one.country && nameOf("countries", one.country)].filter(Boolean).join(", ") || NOTHING}</td>
            <td>{[one.browser, one.os].filter(Boolean).join(", ") || NOTHING}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
