/** What was erased, each with its receipt; or one receipt, which the address names. */

import { useState } from "preact/hooks";
import { useAnswer } from "../../answer";
import { go, hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { Input } from "../../parts/Input";
import { List } from "../../parts/List";
import { Notices } from "../../parts/Notice";
import { Pages } from "../../parts/Pages";
import { Progress } from "../../parts/Progress";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { timeText } from "../../times";
import { Block } from "./Block";
import { ErasureListDocument } from "./lists.graphql.ts";
import { Receipt } from "./Receipt";

export function Erasures({ address }: ViewProps) {
  const [, , receipt] = address.path;
  return receipt ? <Receipt address={address} id={receipt} /> : <All address={address} />;
}

function All({ address }: ViewProps) {
  const asked = useAnswer(ErasureListDocument, { after: address.options.after ?? null });
  const { data } = asked;
  useShell(data);
  const list = data?.erasures ?? null;
  const { about, columns, none, what, waiting } = MANAGE.erasures;
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={list ? [troubleOf(list)] : []} />
      <Block first title={MANAGE.sections.erasures} about={about} busy={!data}>
        <List
          name={MANAGE.sections.erasures}
          head={[columns.at, columns.what, columns.done, columns.receipt]}
          none={none}
          rows={
            list?.nodes?.map(({ id, requestedAt, doneAt, erased }) => ({
              id,
              cells: [
                timeText(requestedAt),
                (erased.users ?? erased.suppressions) === null ? what.pixel : what.person,
                doneAt ? timeText(doneAt) : waiting,
                <a class="undo" href={hrefOf({ ...address, path: ["settings", "erasures", id], options: {} })}>
                  {id}
                </a>,
              ],
            })) ?? null
          }
        />
        <Pages address={address} asked={asked} page={list?.pageInfo} />
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
      <Input label={MANAGE.erasures.find} required value={id} autocomplete="off" change={setId} />
      <button type="submit" class="button">
        {MANAGE.erasures.show}
      </button>
    </form>
  );
}
