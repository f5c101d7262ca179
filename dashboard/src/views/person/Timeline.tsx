/** What happened with a person, day by day: visits with their pages, and what joined or parted them. */

import { shown } from "../../numbers";
import { PEOPLE } from "../../texts/people";
import { TEXTS } from "../../texts";
import { timeText } from "../../times";
import type { Asking } from "./asking";
import type { EntryFragment, SeenFragment } from "./person.graphql.ts";
import { becauseOf, daysOf, readable, undoOf, visitOf } from "./happened";

type Props = {
  readonly entries: readonly EntryFragment[];
  /** Opens what asks before something is undone; null: this role may not. */
  readonly askFor: ((asking: Asking) => void) | null;
};

export function Timeline({ entries, askFor }: Props) {
  return (
    <>
      {daysOf(entries).map(({ name, entries: ofDay }) => (
        <section key={name} aria-label={name}>
          <h3 class="day">{name}</h3>
          {ofDay.map((entry, place) =>
            entry.kind === "VISIT" ? <Visit key={place} {...{ entry, askFor }} /> : <Event key={place} {...{ entry, askFor }} />,
          )}
        </section>
      ))}
    </>
  );
}

type EntryProps = { readonly entry: EntryFragment; readonly askFor: Props["askFor"] };

function Visit({ entry, askFor }: EntryProps) {
  const { from, about, seconds, pageviews, count } = visitOf(entry);
  const pages = PEOPLE.pages(shown(count, "count"), count === 1);
  return (
    <article class="visit">
      <header>
        <b>{from}</b>
        <span class="soft">{about}</span>
        <span class="fill" />
        <span class="soft">{seconds ? `${pages}, ${shown(seconds, "seconds")}` : pages}</span>
      </header>
      <ol>
        {pageviews.map((seen, place) => (
          <Page key={seen.eventId || place} {...{ seen, askFor }} />
        ))}
      </ol>
      {pageviews.length < count && <p class="soft">{PEOPLE.cut(shown(pageviews.length, "count"))}</p>}
    </article>
  );
}

function Page({ seen, askFor }: { readonly seen: SeenFragment; readonly askFor: Props["askFor"] }) {
  const page = seen.path ?? seen.domain;
  const { visitorId, mergeId } = undoOf(seen);
  return (
    <li>
      <details>
        <summary>
          <time dateTime={seen.timestamp}>{timeText(seen.timestamp, "time")}</time>
          <span class="path">{page}</span>
          <span class="soft">
            <span aria-hidden="true">{PEOPLE.why}</span>
            <span class="hidden">{PEOPLE.whyOf(page)}</span>
          </span>
        </summary>
        <div class="why">
          <b>{becauseOf(seen)}</b>
          <ol>
            {seen.why.map(({ text }) => (
              <li key={text}>{readable(text)}</li>
            ))}
          </ol>
          {askFor && (visitorId || mergeId) && (
            <p>
              <span class="soft">{PEOPLE.notTheirs}</span>
              {visitorId && <Undo text={PEOPLE.unlink.button} run={() => askFor({ what: "unlink", visitorId })} />}
              {mergeId && <Undo text={PEOPLE.unmerge.button} run={() => askFor({ what: "unmerge", id: mergeId })} />}
            </p>
          )}
        </div>
      </details>
    </li>
  );
}

const Undo = ({ text, run }: { readonly text: string; readonly run: () => void }) => (
  <button type="button" class="link undo" onClick={run}>
    {text}
  </button>
);

function Event({ entry, askFor }: EntryProps) {
  const undo = askFor && undoOfEvent(entry);
  return (
    <p class="happened">
      <time class="soft" dateTime={entry.at}>
        {timeText(entry.at, "time")}
      </time>
      <span>{readable(entry.text)}</span>
      {undo && (
        <button type="button" class={undo.what === "unlink" ? "link undo" : "button"} onClick={() => askFor(undo)}>
          {undo.what === "unlink" ? PEOPLE.unlink.button : TEXTS.undo}
        </button>
      )}
    </p>
  );
}

/** How what happened is undone; null: it is not, or it was already. */
function undoOfEvent({ kind, merge, unlink, browser }: EntryFragment): Asking | null {
  if (kind === "MERGED" && merge && !merge.undoneAt) return { what: "unmerge", id: merge.id };
  if (kind === "UNLINKED" && unlink && !unlink.undoneAt && !unlink.liftedAt) return { what: "relink", id: unlink.id };
  if (kind === "LINKED" && browser) return { what: "unlink", visitorId: browser.visitorId };
  return null;
}
