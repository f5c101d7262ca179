/** One table in full: every row, every figure. */

import { useAnswer } from "../../answer";
import { elsewhere, hrefOf } from "../../address";
import { explorerHref } from "../../explorer";
import { troubleOf } from "../../graphql";
import { Csv } from "../../parts/Panel";
import { ALL_METRICS } from "../../parts/download_table";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { Table } from "../../parts/Table";
import { useShell, type ViewProps } from "../../shell/view";
import { isTable, questionOf } from "../../tables";
import { TEXTS } from "../../texts";
import { WholeTableDocument } from "./table.graphql.ts";

const ROOM = 100;

export function TableView({ address }: ViewProps) {
  const table = isTable(address.path[1]) ? address.path[1] : "pages";
  const page = Math.max(1, Number(address.options.page) || 1);
  const report = questionOf(address, table, { metrics: ALL_METRICS, limit: ROOM, offset: (page - 1) * ROOM });
  const asked = useAnswer(WholeTableDocument, { report });
  useShell(asked.data);
  const answer = asked.data?.report ?? null;
  const title = TEXTS.titles[table];
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={answer ? [troubleOf(answer)] : []} />
      <section class="card panel">
        <header>
          <a href={hrefOf(elsewhere(address))}>{TEXTS.table.back}</a>
          <h1>{title}</h1>
          <span class="fill" />
          <Csv {...{ address, table }} name={title} />
          <a href={explorerHref(WholeTableDocument, { report })}>{TEXTS.explore}</a>
        </header>
        <Table {...{ address, table }} rows={answer?.rows ?? null} room={ROOM / 4} metrics={ALL_METRICS} caption={title} />
      </section>
    </>
  );
}
