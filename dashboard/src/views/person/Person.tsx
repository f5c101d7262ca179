/** A person: who they are, how they are known, what happened, and why each pageview is theirs. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { useAnswer, type Asked as Answer } from "../../answer";
import { hrefOf } from "../../address";
import { explorerHref } from "../../explorer";
import { troubleOf } from "../../graphql";
import { Notices } from "../../parts/Notice";
import { Pages } from "../../parts/Pages";
import { Progress } from "../../parts/Progress";
import { may } from "../../rights";
import { useShell, type ViewProps } from "../../shell/view";
import { PEOPLE } from "../../texts/people";
import { TEXTS } from "../../texts";
import { personName } from "../people/person_texts";
import { Asked } from "./Asked";
import type { Asking } from "./asking";
import { DataFile } from "./DataFile";
import { ShowAddressesDocument } from "./changing.graphql.ts";
import { PersonDocument, type PersonQuery } from "./person.graphql.ts";
import { Profile } from "./Profile";
import { Timeline } from "./Timeline";

const ROOM = 20; // entries of a timeline
const FOLLOWS = 2_500; // milliseconds: lists are behind what was changed by about so much

export function Person({ address }: ViewProps) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const by = { id: address.path[1] ?? "" };
  const variables = { by, first: ROOM, after: address.options.after ?? null };
  const asked = useAnswer(PersonDocument, variables);
  const showing = useAct(ShowAddressesDocument);
  const { data } = asked;
  useShell(data);
  const user = data?.user.user ?? null;
  const role = data?.me.role ?? null;
  const name = user ? personName(user) : "";
  const done = () => {
    setAsking(null);
    asked.again();
    setTimeout(asked.again, FOLLOWS);
  };
  const show = async () => {
    const done = await showing.run({ on: true });
    if (done) asked.again();
    return done !== null;
  };
  const isMasked = data?.me.member ? !data.me.member.showAddresses || !may(role, "EDITOR") : false;
  const addresses = { isMasked, show: may(role, "EDITOR") ? show : null };
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [data.user, data.userTimeline].map(troubleOf) : []} />
      <p class="above">
        <a class="link" href={hrefOf({ ...address, path: ["people"], options: {} })}>
          ← {PEOPLE.back}
        </a>
        <span class="fill" />
        <a class="link" href={explorerHref(PersonDocument, variables)}>
          {TEXTS.explore}
        </a>
        {user && <DataFile id={user.id} {...addresses} />}
      </p>
      <div class="person" aria-busy={asked.waiting && !data}>
        {(user || !data) && (
          <Profile
            user={user}
            browsers={data?.user.browsers ?? []}
            suppressed={data?.user.suppressed ?? false}
            role={role}
            addresses={addresses}
            askFor={setAsking}
          />
        )}
        {(data?.userTimeline.nodes || !data) && <Happened {...{ address, asked }} askFor={may(role, "EDITOR") ? setAsking : null} />}
      </div>
      {asking && user && (
        <Asked
          {...{ address, name, asking, done }}
          id={user.id}
          contacts={[...user.emails, ...user.phones]}
          close={() => setAsking(null)}
        />
      )}
    </>
  );
}

type HappenedProps = ViewProps & {
  readonly asked: Answer<PersonQuery>;
  readonly askFor: ((asking: Asking) => void) | null;
};

function Happened({ address, asked, askFor }: HappenedProps) {
  const entries = asked.data?.userTimeline.nodes;
  return (
    <section class="card timeline">
      <h2>{PEOPLE.timeline}</h2>
      {entries ? <Timeline {...{ entries, askFor }} /> : <div class="blank-lines" aria-hidden="true" />}
      {entries?.length === 0 && <p class="empty">{PEOPLE.noTimeline}</p>}
      <Pages {...{ address, asked }} page={asked.data?.userTimeline.pageInfo} />
    </section>
  );
}
