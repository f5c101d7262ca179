/** A table of figures by one dimension, with bars for the first; of the same height while it is not there yet. */

import { go, hrefOf, withOption, type Address } from "../address";
import { METRICS, type MetricName } from "../metrics";
import { changeOf, shown } from "../numbers";
import { nameOf, onlyWith, orderOf, orderText, tableOf, valueOf, type TableName, type TableRow } from "../tables";
import { TEXTS } from "../texts";
import { ChangeMark } from "./ChangeMark";

type Props = {
  readonly address: Address;
  readonly table: TableName;
  /** Null: not there yet. */
  readonly rows: readonly TableRow[] | null;
  /** So many rows have room. */
  readonly room: number;
  /** All of these, by their whole names; left out: those of the table. */
  readonly metrics?: readonly MetricName[];
  readonly caption: string;
};

export function Table({ address, table, rows, room, metrics, caption }: Props) {
  const columns = columnsOf(address, table, metrics);
  const most = Math.max(0, ...(rows ?? []).map((row) => METRICS[columns[0]].of(row) ?? 0));
  const compared = address.comparison !== "NONE";
  return (
    <table class="figures-table">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{TEXTS.dimensions[tableOf(table).dimension]}</th>
          {columns.map((metric) => (
            <Head key={metric} {...{ address, table, metric }} text={(metrics ? TEXTS.metrics : TEXTS.shortMetrics)[metric]} />
          ))}
          {compared && (
            <th scope="col" class="wide">
              {TEXTS.change}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows
          ? rows.map((row) => (
              <Row key={valueOf(table, row)} {...{ address, table, row, columns, most, compared }} />
            ))
          : Array.from({ length: room }, (_, place) => <Blank key={place} columns={columns.length + Number(compared)} />)}
      </tbody>
    </table>
  );
}

/** The first column is what the table is ordered by, if it is none of the usual ones. */
export function columnsOf(address: Address, table: TableName, given?: readonly MetricName[]): [MetricName, ...MetricName[]] {
  const usual = given ?? tableOf(table).metrics;
  const { metric } = orderOf(address, table);
  const [first = metric, ...more] = usual.includes(metric) ? usual : [...usual, metric];
  return [first, ...more];
}

type HeadProps = { readonly address: Address; readonly table: TableName; readonly metric: MetricName; readonly text: string };

function Head({ address, table, metric, text }: HeadProps) {
  const order = orderOf(address, table);
  const sorted = order.metric === metric ? (order.descending ? "descending" : "ascending") : "none";
  const next = () => go(withOption(address, `sort.${table}`, orderText(table, order, metric)));
  return (
    <th scope="col" aria-sort={sorted}>
      <button type="button" class="sort" onClick={next} title={TEXTS.sortBy(TEXTS.metrics[metric])}>
        {text}
      </button>
    </th>
  );
}

type RowProps = {
  readonly address: Address;
  readonly table: TableName;
  readonly row: TableRow;
  readonly columns: readonly [MetricName, ...MetricName[]];
  readonly most: number;
  readonly compared: boolean;
};

function Row({ address, table, row, columns, most, compared }: RowProps) {
  const [first] = columns;
  const { of, unit, better } = METRICS[first];
  const width = most ? ((of(row) ?? 0) / most) * 100 : 0;
  return (
    <tr>
      <th scope="row">
        <span class="bar" style={{ inlineSize: `${width}%` }} />
        <Name {...{ address, table, row }} />
      </th>
      {columns.map((metric) => (
        <td key={metric}>{shown(METRICS[metric].of(row), METRICS[metric].unit)}</td>
      ))}
      {compared && (
        <td class="wide">
          <ChangeMark change={changeOf(of(row), row.comparison && of(row.comparison), unit)} better={better} />
        </td>
      )}
    </tr>
  );
}

function Name({ address, table, row }: Pick<RowProps, "address" | "table" | "row">) {
  const value = valueOf(table, row);
  const name = nameOf(table, value);
  const only = onlyWith(address, table, value);
  if (!only) return <span class="name">{name}</span>;
  return (
    <a class={value === "" ? "name soft" : "name"} href={hrefOf(only)} title={TEXTS.only(name)}>
      {name}
    </a>
  );
}

function Blank({ columns }: { readonly columns: number }) {
  return (
    <tr class="blank" aria-hidden="true">
      <th scope="row">
        <span class="bar" />
      </th>
      {Array.from({ length: columns }, (_, place) => (
        <td key={place} class={place === columns - 1 && place > 0 ? "wide" : ""} />
      ))}
    </tr>
  );
}
