/** What was erased, each with its receipt; or one receipt, which the address names. */

import { useContext, useState } from "preact/hooks";
import { useAnswer } from "../../answer";
import { go, hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { Field } from "../../parts/Field";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { may } from "../../rights";
import { Session } from "../../session";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { timeText } from "../../times";
import { Block, List } from "./Block";
import { doneAs, doneBy } from "./done_by";
import { AuditDocument } from "./manage.graphql.ts";
import { Receipt } from "./Receipt";

const LOOKED_AT = 100; // entries of the audit list

export function Erasures({ address }: ViewProps) {
  const [, , receipt] = address.path;
  return receipt ? <Receipt address={address} id={receipt} /> : <All address={address} />;
}

function All({ address }: ViewProps) {
  const asked = useAnswer(AuditDocument, { first: LOOKED_AT, after: null });
  const { data } = asked;
  useShell(data);
  const { role } = useContext(Session);
  const { about, columns, none, what } = MANAGE.erasures;
  const entries = doneAs(data?.auditEntries.nodes ?? null, what);
  const sees = may(role, "OWNER"); // the audit list; others find receipts by their ids
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data && sees ? [troubleOf(data.auditEntries)] : []} />
      <Block first title={MANAGE.sections.erasures} about={about} busy={!data}>
        {sees && (
          <List
            name={MANAGE.sections.erasures}
            head={[columns.at, columns.what, columns.by, columns.receipt]}
            none={none}
            rows={
              entries?.map((entry) => ({
                id: entry.id,
                cells: [
                  timeText(entry.at),
                  what[entry.action],
                  doneBy(entry, data?.members.nodes ?? null),
                  <a class="undo" href={hrefOf({ ...address, path: ["settings", "erasures", entry.about], options: {} })}>
                    {entry.about}
                  </a>,
                ],
              })) ?? null
            }
          />
        )}
        <Find address={address} />
      </Block>
    </>
  );
}

function Find({ address }: ViewProps) {
  const [id, setId] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    go({ ...address, path: ["settings", "erasures", id.trim()], options: {} });
  };
  return (
    <form class="form beside" onSubmit={submit}>
      <Field label={MANAGE.erasures.find}>
        {(props) => <input {...props} required value={id} autocomplete="off" onInput={(event) => setId(event.currentTarget.value)} />}
      </Field>
      <button type="submit" class="button">
        {MANAGE.erasures.show}
      </button>
    </form>
  );
}
