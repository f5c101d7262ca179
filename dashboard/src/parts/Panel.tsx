/** A panel of the overview: tables as tabs, one open, with its download and its question. */

import { useAnswer } from "../answer";
import { elsewhere, hrefOf, withOption, type Address } from "../address";
import { explorerHref } from "../explorer";
import { troubleOf } from "../graphql";
import { shown } from "../numbers";
import { openOf, PANELS, panelQuestionOf, tableOf, type PanelName, type TableName, type TableRow } from "../tables";
import { TEXTS } from "../texts";
import { CountryMap } from "./CountryMap";
import { Csv } from "./Csv";
import { downloadTable } from "./download_table";
import { TableDocument, type ReportInput, type RowsFragment } from "./report.graphql.ts";
import { columnsOf, Table } from "./Table";

/** So many rows has a panel; all of them has the view of the table. */
export const ROOM = 8;

type Rows = Omit<RowsFragment, "rows"> & { readonly rows: readonly TableRow[] | null };

type Props = {
  readonly address: Address;
  readonly panel: PanelName;
  /** What the view asked for this panel, and the last answer. */
  readonly asked: ReportInput;
  readonly answer: { readonly to: ReportInput; readonly rows: Rows } | null;
};

export function Panel({ address, panel, asked, answer: ofView }: Props) {
  const table = openOf(address, panel);
  const question = panelQuestionOf(address, table, ROOM);
  // Another tab or another order concerns this panel alone: it asks for itself.
  const isOfView = isSame(question, asked);
  const own = useAnswer(TableDocument, isOfView ? null : { report: question });
  const last = isOfView ? ofView : own.data && own.of && { to: own.of.report, rows: own.data.report };
  // Rows by another dimension are none of this table.
  const answer = last && isSame(last.to.dimensions, question.dimensions) ? last.rows : null;
  const trouble = (isOfView ? null : own.trouble) ?? (answer && troubleOf(answer));
  const rows = answer?.rows ?? null;
  const { mapped } = tableOf(table);
  const name = TEXTS.titles[table];
  return (
    <section class={`card panel of-${panel}`} aria-label={TEXTS.panels[panel]} aria-busy={!isOfView && own.waiting}>
      <header>
        <h2>{TEXTS.panels[panel]}</h2>
        <nav class="tabs" aria-label={TEXTS.panels[panel]}>
          {PANELS[panel].map((tab) => (
            <a key={tab} href={hrefOf(withTab(address, panel, tab))} aria-current={tab === table ? "true" : undefined}>
              {TEXTS.tables[tab]}
            </a>
          ))}
        </nav>
      </header>
      <div class={mapped ? "rows mapped" : "rows"}>
        {mapped && <CountryMap address={address} rows={rows} metric={columnsOf(address, table)[0]} />}
        {trouble ? (
          <p class="empty">{trouble.message}</p>
        ) : answer && !rows?.length ? (
          <p class="empty">{address.filter.length ? TEXTS.filtered : TEXTS.noRows[table]}</p>
        ) : (
          <Table {...{ address, table }} rows={rows?.slice(0, ROOM) ?? null} room={ROOM} caption={name} />
        )}
      </div>
      <Foot {...{ address, table, name, question }} count={answer?.rowCount ?? null} />
    </section>
  );
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export function withTab(address: Address, panel: PanelName, tab: TableName): Address {
  return withOption(address, panel, tab === PANELS[panel][0] ? null : tab);
}

type FootProps = {
  readonly address: Address;
  readonly table: TableName;
  readonly name: string;
  readonly question: ReportInput;
  readonly count: number | null;
};

function Foot({ address, table, name, question, count }: FootProps) {
  return (
    <footer>
      <a href={hrefOf(elsewhere(address, "table", table))}>{TEXTS.all(count === null ? "" : shown(count, "count"))}</a>
      <Csv name={name} download={() => downloadTable(address, table)} />
      <span class="fill" />
      <a href={explorerHref(TableDocument, { report: question })} aria-label={TEXTS.exploreOf(name)}>
        {TEXTS.explore}
      </a>
    </footer>
  );
}
