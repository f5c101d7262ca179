/** One table in full: every row, every figure. */

import { useAnswer } from "../../answer";
import { hrefOf, withOption } from "../../address";
import { explorerHref } from "../../explorer";
import { troubleOf } from "../../graphql";
import { shown } from "../../numbers";
import { Csv } from "../../parts/Csv";
import { ALL_METRICS, downloadTable } from "../../parts/download_table";
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
  const rows = answer?.rows ?? null;
  const title = TEXTS.titles[table];
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={answer ? [troubleOf(answer)] : []} />
      <section class="card panel" aria-busy={asked.waiting}>
        <header>
          <h1>{title}</h1>
          <span class="fill" />
          <Csv name={title} download={() => downloadTable(address, table)} />
          <a class="link" href={explorerHref(WholeTableDocument, { report })}>
            {TEXTS.explore}
          </a>
        </header>
        <div class="across" tabIndex={0} role="region" aria-label={title}>
          {answer?.rows?.length === 0 ? (
            <p class="empty">{address.filter.length ? TEXTS.filtered : TEXTS.noRows[table]}</p>
          ) : (
            <Table {...{ address, table }} rows={rows} room={ROOM / 4} metrics={ALL_METRICS} caption={title} />
          )}
        </div>
        {rows && (rows.length > 0 || page > 1) && <Pages address={address} page={page} shownRows={rows.length} all={answer?.rowCount ?? 0} />}
      </section>
    </>
  );
}

type PagesProps = ViewProps & { readonly page: number; readonly shownRows: number; readonly all: number };

/** Which rows these are, and the way to the others. */
function Pages({ address, page, shownRows, all }: PagesProps) {
  const first = (page - 1) * ROOM;
  const counted = (row: number) => shown(row, "count");
  const to = (number: number) => hrefOf(withOption(address, "page", number > 1 ? String(number) : null));
  return (
    <footer key={page}>
      <span>{shownRows > 0 && TEXTS.table.rows(counted(first + 1), counted(first + shownRows), counted(all))}</span>
      <span class="fill" />
      {page > 1 && <a href={to(page - 1)}>{TEXTS.table.previous}</a>}
      {first + shownRows < all && <a href={to(page + 1)}>{TEXTS.table.next}</a>}
    </footer>
  );
}
