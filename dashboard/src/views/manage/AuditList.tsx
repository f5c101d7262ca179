/** What was done, by whom, to what: without personal data. */

import { useAnswer } from "../../answer";
import { troubleOf } from "../../graphql";
import { List } from "../../parts/List";
import { Notices } from "../../parts/Notice";
import { Pages } from "../../parts/Pages";
import { Progress } from "../../parts/Progress";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { timeText } from "../../times";
import { Block } from "./Block";
import { doneBy } from "./done_by";
import { AuditDocument } from "./manage.graphql.ts";

export function AuditList({ address }: ViewProps) {
  const asked = useAnswer(AuditDocument, { first: 50, after: address.options.after ?? null });
  const { data } = asked;
  useShell(data);
  const { about, columns, none } = MANAGE.audit;
  const list = data?.auditEntries ?? null;
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={list ? [troubleOf(list)] : []} />
      <Block first title={MANAGE.sections.audit} about={about} busy={!data}>
        <List
          name={MANAGE.sections.audit}
          head={[columns.at, columns.by, columns.action, columns.about]}
          none={none}
          rows={
            list?.nodes?.map((entry) => ({
              id: entry.id,
              cells: [timeText(entry.at), doneBy(entry, data?.members.nodes ?? null), <code>{entry.action}</code>, entry.about],
            })) ?? null
          }
        />
        <Pages address={address} asked={asked} page={list?.pageInfo} />
      </Block>
    </>
  );
}
