/** Merging two people by hand, and what was merged so. */

import { useContext, useState } from "preact/hooks";
import { emptied, useAct } from "../../act";
import { useAnswer } from "../../answer";
import { hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { Ask } from "../../parts/Ask";
import { Field } from "../../parts/Field";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { may } from "../../rights";
import { Session } from "../../session";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { timeText } from "../../times";
import { MergeUsersDocument } from "../person/changing.graphql.ts";
import { selectorOf } from "../person/selectors";
import { Block, List } from "./Block";
import { doneAs, doneBy } from "./done_by";
import { AuditDocument } from "./manage.graphql.ts";

const LOOKED_AT = 100; // entries of the audit list

export function Merges({ address }: ViewProps) {
  const asked = useAnswer(AuditDocument, { first: LOOKED_AT, after: null });
  const { data } = asked;
  useShell(data);
  const { role } = useContext(Session);
  const { about, columns, none, what } = MANAGE.merges;
  const entries = doneAs(data?.auditEntries.nodes ?? null, what);
  const sees = may(role, "OWNER"); // the audit list
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data && sees ? [troubleOf(data.auditEntries)] : []} />
      <Block first title={MANAGE.sections.merges} about={about} busy={!data}>
        {sees && (
          <List
            name={MANAGE.sections.merges}
            head={[columns.at, columns.what, columns.by, columns.about]}
            none={none}
            rows={
              entries?.map((entry) => ({
                id: entry.id,
                cells: [timeText(entry.at), what[entry.action], doneBy(entry, data?.members.nodes ?? null), entry.about],
              })) ?? null
            }
          />
        )}
      </Block>
      <Merge address={address} done={asked.again} />
    </>
  );
}

function Merge({ address, done }: ViewProps & { readonly done: () => void }) {
  const [one, setOne] = useState("");
  const [other, setOther] = useState("");
  const [asking, setAsking] = useState(false);
  const [merged, setMerged] = useState<string | null>(null);
  const { run, busy, trouble } = useAct(MergeUsersDocument);
  const texts = MANAGE.merges;
  const merge = async () => {
    const answer = await run({ one: selectorOf(one), other: selectorOf(other) });
    if (!answer) return;
    setAsking(false);
    setMerged(answer.mergeUsers.user?.id ?? null);
    setOne(emptied(one));
    setOther(emptied(other));
    done();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    setAsking(true);
  };
  return (
    <Block title={texts.form}>
      <form class="form" onSubmit={submit}>
        <Field label={texts.one}>
          {(props) => <input {...props} required value={one} onInput={(event) => setOne(event.currentTarget.value)} />}
        </Field>
        <Field label={texts.other}>
          {(props) => <input {...props} required value={other} onInput={(event) => setOther(event.currentTarget.value)} />}
        </Field>
        <button type="submit" class="button main">
          {texts.does}
        </button>
      </form>
      <p role="status">
        {merged && (
          <>
            {texts.merged}{" "}
            <a class="undo" href={hrefOf({ ...address, path: ["person", merged], options: {} })}>
              {texts.see}
            </a>
          </>
        )}
      </p>
      {asking && (
        <Ask title={texts.title} does={texts.does} grave={false} {...{ busy, trouble }} run={merge} close={() => setAsking(false)}>
          <p>
            {one}, {other}
          </p>
          <p>{texts.text}</p>
        </Ask>
      )}
    </Block>
  );
}
