/** The shares that there are, each with what it shows and for how long. */

import { useState } from "preact/hooks";
import { ask, troubleOf } from "../../graphql";
import { lineWords } from "../../shell/Filters";
import { TEXTS } from "../../texts";
import { dayOf, endingOf, filterOf } from "./questions";
import { RevokeShareDocument, type ShareRowFragment } from "./shares.graphql.ts";

type Props = {
  readonly app: string | null;
  readonly shares: readonly ShareRowFragment[] | null;
  readonly revoked: () => void;
};

type RowProps = Omit<Props, "shares"> & { readonly share: ShareRowFragment };

export function List({ app, shares, revoked }: Props) {
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
            <Row key={share.id} {...{ app, share, revoked }} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ app, share, revoked }: RowProps) {
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
        <Revoke {...{ app, share, revoked }} />
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
function Revoke({ app, share: { id, name }, revoked }: RowProps) {
  const [isAsking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState("");
  const revoke = async () => {
    const answer = await ask(RevokeShareDocument, { id }, { app });
    const why = "trouble" in answer ? answer.trouble : troubleOf(answer.data.revokeShare);
    setTrouble(why?.message ?? "");
    if (!why) revoked();
  };
  if (!isAsking)
    return (
      <button type="button" class="link" aria-label={TEXTS.shares.revokeOf(name)} onClick={() => setAsking(true)}>
        {TEXTS.shares.revoke}
      </button>
    );
  return (
    <div role="alert">
      <p>{trouble || TEXTS.shares.sure(name)}</p>
      <button type="button" class="button main" onClick={revoke}>
        {TEXTS.shares.revoke}
      </button>{" "}
      <button type="button" class="button" onClick={() => setAsking(false)}>
        {TEXTS.shares.keep}
      </button>
    </div>
  );
}
