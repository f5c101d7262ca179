/** The shares that there are, each with what it shows and for how long. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { Ask } from "../../parts/Ask";
import { List } from "../../parts/List";
import { lineWords } from "../../shell/Filters";
import { filterOf } from "../../stored_filter";
import { SHARES } from "../../texts/shares";
import { timeText } from "../../times";
import { endingOf } from "./questions";
import { RevokeShareDocument, type ShareRowFragment } from "./shares.graphql.ts";

type Props = {
  readonly shares: readonly ShareRowFragment[] | null;
  readonly revoked: () => void;
};

export function ShareList({ shares, revoked }: Props) {
  const { title, columns, none, yes, no, never, expired } = SHARES;
  const lastDay = ({ expiresAt }: ShareRowFragment) => {
    const ending = endingOf(expiresAt, new Date());
    return ending ? (ending.isOver ? expired(ending.day) : ending.day) : never;
  };
  return (
    <List
      name={title}
      head={[...Object.values(columns), ""]}
      none={none}
      rows={
        shares?.map((share) => ({
          id: share.id,
          cells: [
            share.name,
            shownWords(share),
            share.hasPassword ? yes : no,
            lastDay(share),
            share.lastUsed ? timeText(share.lastUsed, "day") : never,
            share.embedOn.join(", ").replaceAll("https://", "") || no,
            <Revoke {...{ share, revoked }} />,
          ],
        })) ?? null
      }
    />
  );
}

/** What a share shows, in words. */
function shownWords({ filter, showPeople }: ShareRowFragment): string {
  return showPeople ? SHARES.withPeople(filterWords(filter)) : filterWords(filter);
}

function filterWords(stored: unknown): string {
  const filter = filterOf(stored);
  if (!filter) return SHARES.ofApi;
  return filter.length ? filter.map(lineWords).join("; ") : SHARES.everything;
}

/** It asks first: the link cannot be given away again. */
function Revoke({ share: { id, name }, revoked }: Pick<Props, "revoked"> & { readonly share: ShareRowFragment }) {
  const [isAsking, setAsking] = useState(false);
  const { run, trouble } = useAct(RevokeShareDocument);
  const revoke = async () => {
    if (!(await run({ id }))) return;
    setAsking(false);
    revoked();
  };
  return (
    <>
      <button type="button" class="link undo" aria-label={SHARES.revokeOf(name)} onClick={() => setAsking(true)}>
        {SHARES.revoke}
      </button>
      {isAsking && (
        <Ask title={SHARES.revokeOf(name)} does={SHARES.revoke} trouble={trouble} run={revoke} close={() => setAsking(false)}>
          <p>{SHARES.sure(name)}</p>
        </Ask>
      )}
    </>
  );
}
