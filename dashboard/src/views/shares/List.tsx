/** The shares that there are, each with what it shows and for how long. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { Ask } from "../../parts/Ask";
import { lineWords } from "../../shell/Filters";
import { filterOf } from "../../stored_filter";
import { SHARES } from "../../texts/shares";
import { dayOf, endingOf } from "./questions";
import { RevokeShareDocument, type ShareRowFragment } from "./shares.graphql.ts";

type Props = {
  readonly shares: readonly ShareRowFragment[] | null;
  readonly revoked: () => void;
};

type RowProps = Omit<Props, "shares"> & { readonly share: ShareRowFragment };

export function List({ shares, revoked }: Props) {
  const { columns } = SHARES;
  if (shares?.length === 0) return <p class="soft">{SHARES.none}</p>;
  return (
    <div class="across" tabIndex={0} role="region" aria-label={SHARES.title}>
      <table>
        <thead>
          <tr>
            {Object.values(columns).map((text) => (
              <th key={text} scope="col">
                {text}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {shares?.map((share) => (
            <Row key={share.id} {...{ share, revoked }} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ share, revoked }: RowProps) {
  const ending = endingOf(share.expiresAt, new Date());
  return (
    <tr>
      <th scope="row">{share.name}</th>
      <td>{shownWords(share)}</td>
      <td>{share.hasPassword ? SHARES.yes : SHARES.no}</td>
      <td>{ending ? (ending.isOver ? SHARES.expired(ending.day) : ending.day) : SHARES.never}</td>
      <td>{share.lastUsed ? dayOf(new Date(share.lastUsed)) : SHARES.never}</td>
      <td>{share.embedOn.join(", ") || SHARES.no}</td>
      <td>
        <Revoke {...{ share, revoked }} />
      </td>
    </tr>
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
function Revoke({ share: { id, name }, revoked }: RowProps) {
  const [isAsking, setAsking] = useState(false);
  const { run, trouble } = useAct(RevokeShareDocument);
  const revoke = async () => {
    if (!(await run({ id }))) return;
    setAsking(false);
    revoked();
  };
  return (
    <>
      <button type="button" class="link" aria-label={SHARES.revokeOf(name)} onClick={() => setAsking(true)}>
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
