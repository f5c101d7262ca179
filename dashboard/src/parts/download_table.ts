/** A whole table as a file: every row, every figure, with those of the compared range. */

import type { Address } from "../address";
import { csvOf, download, type Cell } from "../csv";
import { ask, troubleOf } from "../graphql";
import { METRICS, type Figures, type MetricName } from "../metrics";
import { periodText } from "../periods";
import { nameOf, questionOf, tableOf, valueOf, type TableName } from "../tables";
import { TEXTS } from "../texts";
import { TableDocument, type RowFragment } from "./report.graphql.ts";

export const ALL_METRICS = Object.keys(METRICS) as MetricName[];
const MOST_ROWS = 1_000; // of one report

/** Make the file; what went wrong, or nothing. */
export async function downloadTable(address: Address, table: TableName): Promise<string> {
  const report = questionOf(address, table, { metrics: ALL_METRICS, limit: MOST_ROWS });
  const answer = await ask(TableDocument, { report }, { app: address.app });
  if ("trouble" in answer) return answer.trouble.message;
  const { rows } = answer.data.report;
  if (!rows) return troubleOf(answer.data.report)?.message ?? "";
  download(`${table}-${periodText(address.period)}.csv`, tableCsv(table, rows, address.comparison !== "NONE"));
  return "";
}

/** Figures are written as numbers: a share as 0.153, a duration in seconds. */
export function tableCsv(table: TableName, rows: readonly RowFragment[], compared: boolean): string {
  const before = compared ? ALL_METRICS.map((metric) => `${TEXTS.metrics[metric]} (${TEXTS.chart.before})`) : [];
  const head = [TEXTS.dimensions[tableOf(table).dimension], ...ALL_METRICS.map((metric) => TEXTS.metrics[metric]), ...before];
  const figures = (of: Figures | null): Cell[] => ALL_METRICS.map((metric) => (of ? METRICS[metric].of(of) : null));
  const cells = (row: RowFragment) => [
    nameOf(table, valueOf(table, row)),
    ...figures(row),
    ...(compared ? figures(row.comparison) : []),
  ];
  return csvOf(head, rows.map(cells));
}
