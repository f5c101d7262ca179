/** The tables of figures by one dimension: what each asks, and how its values are named. */

import type { Address } from "./address";
import { inputOf, narrowed } from "./filters";
import { metricOf, metricText, type MetricName } from "./metrics";
import { once } from "./once";
import type { Dimension, FilterInput, ReportInput, RowFiguresFragment, RowFragment, Traffic } from "./parts/report.graphql.ts";
import { comparisonOf, rangeOf } from "./periods";
import { LOCALE, TEXTS } from "./texts";

type TableOf = {
  readonly dimension: Extract<Dimension, keyof typeof TEXTS.dimensions>;
  readonly field: keyof RowFragment;
  readonly metrics: readonly [MetricName, ...MetricName[]];
  /** How a value is named, where not by itself. */
  readonly named?: (value: string) => string;
  /** Pageviews without a value are left out. */
  readonly withValue?: true;
  readonly traffic?: Traffic[];
  /** Its panel has a map of countries. */
  readonly mapped?: true;
};

const regions = once(() => new Intl.DisplayNames(LOCALE, { type: "region", fallback: "code" }));
const languages = once(() => new Intl.DisplayNames(LOCALE, { type: "language", fallback: "code" }));

const KNOWN: TableOf["metrics"] = ["VISITORS", "MATCH_RATE"];

export const TABLES = {
  channels: { dimension: "CHANNEL", field: "channel", metrics: KNOWN, named: (value) => TEXTS.channels[value] ?? value },
  sources: { dimension: "SOURCE", field: "source", metrics: KNOWN },
  campaigns: { dimension: "UTM_CAMPAIGN", field: "utmCampaign", metrics: KNOWN, withValue: true },
  referrers: { dimension: "REFERRER", field: "referrer", metrics: KNOWN, withValue: true },
  pages: { dimension: "PAGE", field: "page", metrics: ["VISITORS", "PAGEVIEWS"] },
  entries: { dimension: "ENTRY_PAGE", field: "entryPage", metrics: ["SESSIONS", "BOUNCE_RATE"], withValue: true },
  exits: { dimension: "EXIT_PAGE", field: "exitPage", metrics: ["SESSIONS", "BOUNCE_RATE"], withValue: true },
  hosts: { dimension: "HOSTNAME", field: "hostname", metrics: ["VISITORS", "PAGEVIEWS"] },
  countries: { dimension: "COUNTRY", field: "country", metrics: KNOWN, named: (value) => nameBy(regions, value), mapped: true },
  regions: { dimension: "REGION", field: "region", metrics: KNOWN },
  cities: { dimension: "CITY", field: "city", metrics: KNOWN },
  languages: { dimension: "LANGUAGE", field: "language", metrics: KNOWN, named: (value) => nameBy(languages, value) },
  browsers: { dimension: "BROWSER", field: "browser", metrics: KNOWN },
  systems: { dimension: "OS", field: "os", metrics: KNOWN },
  devices: { dimension: "DEVICE", field: "device", metrics: KNOWN, named: (value) => TEXTS.devices[value] ?? value },
  bots: {
    dimension: "BOT",
    field: "bot",
    metrics: ["PAGEVIEWS", "VISITORS"],
    named: (value) => TEXTS.bots[value] ?? value,
    traffic: ["BOTS", "AI_AGENTS"],
  },
} as const satisfies Record<string, TableOf>;

export type TableName = keyof typeof TABLES;

/** The panels of the overview, each with the tables that are its tabs. The first is open. */
export const PANELS = {
  from: ["channels", "sources", "campaigns", "referrers"],
  pages: ["pages", "entries", "exits", "hosts"],
  places: ["countries", "regions", "cities", "languages"],
  devices: ["browsers", "systems", "devices", "bots"],
} as const satisfies Record<string, readonly [TableName, ...TableName[]]>;

export type PanelName = keyof typeof PANELS;

export const tableOf = (name: TableName): TableOf => TABLES[name];
export const isTable = (name: string | undefined): name is TableName => name !== undefined && Object.hasOwn(TABLES, name);

/** The open tab of a panel. */
export function openOf(address: Address, panel: PanelName): TableName {
  const tabs: readonly TableName[] = PANELS[panel];
  return tabs.find((name) => name === address.options[panel]) ?? PANELS[panel][0];
}

export type Order = { readonly metric: MetricName; readonly descending: boolean };

/** The order of a table, by the option `sort.NAME` of the address. */
export function orderOf(address: Address, table: TableName): Order {
  const [, text, ascending] = /^(.*?)(-asc)?$/.exec(address.options[`sort.${table}`] ?? "") ?? [];
  const metric = metricOf(text);
  const usual = tableOf(table).metrics[0];
  return { metric: metric ?? usual, descending: !(metric && ascending) };
}

/** The option for the order after a click on a column: largest first, then smallest first. Null is the usual order. */
export function orderText(table: TableName, before: Order, metric: MetricName): string | null {
  const descending = before.metric === metric ? !before.descending : true;
  if (descending && metric === tableOf(table).metrics[0]) return null;
  return metricText(metric) + (descending ? "" : "-asc");
}

/** What the API is asked for a table of one pixel. */
export function questionOf(address: Address, table: TableName, more: Partial<ReportInput> = {}): ReportInput {
  const { dimension, metrics, withValue, traffic } = tableOf(table);
  const order = orderOf(address, table);
  const named: FilterInput[] = withValue ? [{ on: { dimension, isNot: [""] } }] : [];
  const filter = [inputOf(address.filter), ...named].filter((one) => one !== null);
  const compare = comparisonOf(address.comparison);
  return {
    pixelIds: [address.pixel ?? 0],
    range: rangeOf(address.period),
    timezone: zone(),
    metrics: metrics.includes(order.metric) ? [...metrics] : [...metrics, order.metric],
    dimensions: [dimension],
    ...(filter.length ? { filter: filter.length === 1 && filter[0] ? filter[0] : { and: filter } } : {}),
    ...(traffic ? { traffic } : {}),
    ...(compare ? { compare } : {}),
    orderBy: [{ metric: order.metric, descending: order.descending }],
    ...more,
  };
}

/** The question of a panel with room for so many rows. A map shows every country, also those that its table has no room for. */
export function panelQuestionOf(address: Address, table: TableName, room: number): ReportInput {
  return questionOf(address, table, { limit: tableOf(table).mapped ? EVERY_COUNTRY : room });
}

const EVERY_COUNTRY = 300; // there are fewer

/** A row of a table, with the dimensions that were asked for. */
export type TableRow = Partial<RowFragment> & RowFiguresFragment;

/** The value of a row in the table's dimension. */
export const valueOf = (table: TableName, row: TableRow): string => String(row[tableOf(table).field] ?? "");

/** How a person reads a value. */
export function nameOf(table: TableName, value: string): string {
  return value === "" ? TEXTS.unknown : (tableOf(table).named?.(value) ?? value);
}

/** Where a click on a row leads: only what has this value. Bots cannot be filtered by. */
export function onlyWith(address: Address, table: TableName, value: string): Address | null {
  const { dimension, traffic } = tableOf(table);
  return traffic ? null : { ...address, filter: narrowed(address.filter, dimension, value) };
}

/** The time zone of days: that of the browser. */
export const zone = once(() => Intl.DateTimeFormat().resolvedOptions().timeZone);

function nameBy(names: () => Intl.DisplayNames, value: string): string {
  try {
    return names().of(value) ?? value;
  } catch {
    return value; // not of the form of a code
  }
}
