/** Who a person is: what is known of them, by what, and what can be done. */

import type { ComponentChildren } from "preact";
import { NOTHING, shown } from "../../numbers";
import { Disc } from "../../parts/Disc";
import { may, type Role } from "../../rights";
import { PEOPLE } from "../../texts/people";
import { agoText, timeText } from "../../times";
import { personContact, personName, sourceText, traitsOf } from "../people/person_texts";
import type { Asking } from "./asking";
import type { PersonQuery } from "./person.graphql.ts";

type User = NonNullable<PersonQuery["user"]["user"]>;
type Browser = NonNullable<PersonQuery["user"]["browsers"]>[number];

/** Whether addresses are masked, and how to show them; null: this role may not. */
export type Addresses = { readonly isMasked: boolean; readonly show: (() => Promise<boolean>) | null };

type Props = {
  /** Null: not there yet. */
  readonly user: User | null;
  readonly browsers: readonly Browser[];
  readonly suppressed: boolean;
  readonly role: Role | null;
  readonly addresses: Addresses;
  readonly askFor: (asking: Asking) => void;
};

export function Profile({ user, browsers, suppressed, role, addresses, askFor }: Props) {
  if (!user) return <section class="card profile" aria-hidden="true" />;
  const name = personName(user);
  return (
    <section class="card profile" aria-label={name}>
      <div class="who large">
        <Disc name={name} />
        <span>
          <h1>{name}</h1>
          <small>{personContact(user)}</small>
        </span>
      </div>
      {suppressed && <p class="notice">{PEOPLE.suppressed}</p>}
      <dl class="facts">
        <Fact name={PEOPLE.firstHeard}>{timeText(user.firstSeen, "day")}</Fact>
        <Fact name={PEOPLE.firstFrom}>{user.firstSource ? sourceText(user.firstSource) : PEOPLE.noSource}</Fact>
        <Fact name={PEOPLE.lastSeen}>{user.lastSeen ? agoText(user.lastSeen, Date.now()) : PEOPLE.never}</Fact>
        <Fact name={PEOPLE.visits}>{shown(user.sessionCount, "count")}</Fact>
        <Fact name={PEOPLE.pageviews}>{shown(user.pageviewCount, "count")}</Fact>
        <Fact name={PEOPLE.pixels}>{user.pixels.map((pixel) => pixel.name).join(", ") || NOTHING}</Fact>
      </dl>
      <Known {...{ user, browsers, addresses }} />
      <h2>{PEOPLE.traits}</h2>
      <Traits traits={user.traits} />
      <Actions {...{ role, suppressed, askFor }} />
    </section>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function Known({ user, browsers, addresses }: Pick<Props, "browsers" | "addresses"> & { readonly user: User }) {
  const { identifiers } = PEOPLE;
  const known = [
    ...user.emails.map((text) => [identifiers.email, text] as const),
    ...user.phones.map((text) => [identifiers.phone, text] as const),
    ...(user.externalId ? [[identifiers.externalId, user.externalId] as const] : []),
  ];
  const of = new Map(browsers.map((browser) => [browser.visitorId, browser]));
  return (
    <>
      <h2>{PEOPLE.knownBy}</h2>
      <dl class="facts lined">
        {known.map(([kind, text]) => (
          <Fact key={text} name={kind}>
            {text}
          </Fact>
        ))}
        {[...of.values()].map(({ visitorId, linkedAt, linkedBy }) => (
          <Fact key={visitorId} name={identifiers.browser}>
            <code>{visitorId}</code>
            <small>
              {timeText(linkedAt, "day")}
              {linkedBy && `, ${PEOPLE.linkedBy[linkedBy]}`}
            </small>
          </Fact>
        ))}
      </dl>
      {known.length + of.size === 0 && <p class="soft">{PEOPLE.digestOnly}</p>}
      {addresses.isMasked && (
        <p class="soft">
          {PEOPLE.masked}{" "}
          {addresses.show && (
            <button type="button" class="link undo" onClick={() => void addresses.show?.()}>
              {PEOPLE.showAddresses}
            </button>
          )}
        </p>
      )}
    </>
  );
}

function Traits({ traits }: { readonly traits: unknown }) {
  const all = traitsOf(traits);
  if (!all.length) return <p class="soft">{PEOPLE.noTraits}</p>;
  return (
    <dl class="facts lined">
      {all.map(({ name, text }) => (
        <Fact key={name} name={name}>
          {text}
        </Fact>
      ))}
    </dl>
  );
}

/** What this role may do; else which one can. */
function Actions({ role, suppressed, askFor }: Pick<Props, "role" | "suppressed" | "askFor">) {
  if (!may(role, "EDITOR")) return <p class="soft actions-note">{PEOPLE.onlyEditor}</p>;
  return (
    <>
      <div class="buttons">
        {suppressed ? (
          <button type="button" class="button" onClick={() => askFor({ what: "unsuppress" })}>
            {PEOPLE.suppress.lift}
          </button>
        ) : (
          <button type="button" class="button" onClick={() => askFor({ what: "suppress" })}>
            {PEOPLE.suppress.button}
          </button>
        )}
        <button type="button" class="button" onClick={() => askFor({ what: "merge" })}>
          {PEOPLE.merge.button}
        </button>
        {may(role, "OWNER") && (
          <button type="button" class="button grave" onClick={() => askFor({ what: "forget" })}>
            {PEOPLE.forget.button}
          </button>
        )}
      </div>
      {!may(role, "OWNER") && <p class="soft">{PEOPLE.onlyOwner}</p>}
    </>
  );
}
