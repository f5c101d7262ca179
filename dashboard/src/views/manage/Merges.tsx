/** Who was merged, and merging two people by hand. */

import { useState } from "preact/hooks";
import { emptied, useAct } from "../../act";
import { useAnswer } from "../../answer";
import { hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { Ask } from "../../parts/Ask";
import { Input } from "../../parts/Input";
import { List } from "../../parts/List";
import { Notices } from "../../parts/Notice";
import { Pages } from "../../parts/Pages";
import { Progress } from "../../parts/Progress";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { timeText } from "../../times";
import { MergeUsersDocument } from "../person/changing.graphql.ts";
import { selectorOf } from "../person/selectors";
import { Block } from "./Block";
import { MergeListDocument } from "./lists.graphql.ts";

export function Merges({ address }: ViewProps) {
  const asked = useAnswer(MergeListDocument, { after: address.options.after ?? null });
  const { data } = asked;
  useShell(data);
  const list = data?.merges ?? null;
  const { about, columns, none, by, holds, undone } = MANAGE.merges;
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={list ? [troubleOf(list)] : []} />
      <Block first title={MANAGE.sections.merges} about={about} busy={!data}>
        <List
          name={MANAGE.sections.merges}
          head={[columns.at, columns.stays, columns.joined, columns.by, columns.now]}
          none={none}
          rows={
            list?.nodes?.map((merge) => ({
              id: merge.id,
              cells: [
                timeText(merge.mergedAt),
                <a class="undo" href={hrefOf({ ...address, path: ["person", merge.olderId], options: {} })}>
                  {merge.olderId}
                </a>,
                merge.newerId,
                by(merge.origin, merge.evidence),
                merge.undoneAt ? undone(timeText(merge.undoneAt)) : holds,
              ],
            })) ?? null
          }
        />
        <Pages address={address} asked={asked} page={list?.pageInfo} />
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
  const { run, trouble } = useAct(MergeUsersDocument);
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
        <Input label={texts.one} required value={one} change={setOne} />
        <Input label={texts.other} required value={other} change={setOther} />
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
        <Ask title={texts.title} does={texts.does} grave={false} trouble={trouble} run={merge} close={() => setAsking(false)}>
          <p>
            {one}, {other}
          </p>
          <p>{texts.text}</p>
        </Ask>
      )}
    </Block>
  );
}
