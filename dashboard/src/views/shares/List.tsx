/** The shares that there are, each with what it shows and for how long. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { Ask } from "../../parts/Ask";
import { lineWords } from "../../shell/Filters";
import { filterOf } from "../../stored_filter";
import { TEXTS } from "../../texts";
import { dayOf, endingOf } from "./questions";
import { RevokeShareDocument, type ShareRowFragment } from "./shares.graphql.ts";

type Props = {
  readonly shares: readonly ShareRowFragment[] | null;
  readonly revoked: () => void;
};

type RowProps = Omit<Props, "shares"> & { readonly share: ShareRowFragment };

export function List({ shares, revoked }: Props) {
  const { columns } = TEXTS.shares;
  if (shares?.length === 0) return <p class="soft">{TEXTS.shares.none}</p>;
  return (
    <div class="across" tabIndex={0} role="region" aria-label={TEXTS.shares.title}>
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
  const { shares } = TEXTS;
  const ending = endingOf(share.expiresAt, new Date());
  return (
    <tr>
      <th scope="row">{share.name}</th>
      <td>{filterWords(share.filter)}</td>
      <td>{share.hasPassword ? shares.yes : shares.no}</td>
      <td>{ending ? (ending.isOver ? shares.expired(ending.day) : ending.day) : shares.never}</td>
      <td>{share.lastUsed ? dayOf(new Date(share.lastUsed)) : shares.never}</td>
      <td>{share.embedOn.join(", ") || shares.no}</td>
      <td>
        <Revoke {...{ share, revoked }} />
      </td>
    </tr>
  );
}

/** What a share shows, in words. */
export function filterWords(stored: unknown): string {
  const filter = filterOf(stored);
  if (!filter) return TEXTS.shares.ofApi;
  return filter.length ? filter.map(lineWords).join("; ") : TEXTS.shares.everything;
}

/** It asks first: the link cannot be given away again. */
function Revoke({ share: { id, name }, revoked }: RowProps) {
  const [isAsking, setAsking] = useState(false);
  const { run, busy, trouble } = useAct(RevokeShareDocument);
  const { shares } = TEXTS;
  const revoke = async () => {
    if (!(await run({ id }))) return;
    setAsking(false);
    revoked();
  };
  return (
    <>
      <button type="button" class="link" aria-label={shares.revokeOf(name)} onClick={() => setAsking(true)}>
        {shares.revoke}
      </button>
      {isAsking && (
        <Ask title={shares.revokeOf(name)} does={shares.revoke} {...{ busy, trouble }} run={revoke} close={() => setAsking(false)}>
          <p>{shares.sure(name)}</p>
        </Ask>
      )}
    </>
  );
}
