/** From the address to what a saved view keeps of it, and from a saved view to the address that it opens. */

import { hrefOf, type Address } from "../../address";
import { inputOf } from "../../filters";
import { comparisonOf, periodOf, rangeOf, USUAL, type Comparison } from "../../periods";
import { filterOf } from "../../stored_filter";
import type { KeptFragment, ViewInput } from "./saved.graphql.ts";

/** Which page of a table somebody reads is of the moment. */
const OF_THE_MOMENT = ["page"];
const OPTION = /^[a-z.-]{1,50}$/;
const LONGEST = 100; // characters of a value, as the server has it

export function showsOf(address: Address): ViewInput {
  const [view, table = "pages"] = address.path;
  const options = Object.entries(address.options)
    .filter(([name, value]) => OPTION.test(name) && value && value.length <= LONGEST && !OF_THE_MOMENT.includes(name))
    .map(([name, value]) => ({ name, value }));
  return {
    table: view === "table" ? table : null,
    range: rangeOf(address.period),
    compare: comparisonOf(address.comparison),
    filter: inputOf(address.filter),
    options,
  };
}

/** The address of a view at the pixel that is looked at; null where its filter is none that this page can show. */
export function addressOfView({ shows }: KeptFragment, here: Address): Address | null {
  const filter = filterOf(shows.filter);
  if (!filter) return null;
  return {
    ...here,
    path: shows.table ? ["table", shows.table] : [],
    period: periodOf(textOf(shows.range)) ?? USUAL,
    comparison: (shows.compare as { name?: Comparison } | null)?.name ?? "NONE",
    filter,
    options: Object.fromEntries(shows.options.map(({ name, value }) => [name, value])),
  };
}

/** Whether a view is what is shown now. */
export function isShown(view: KeptFragment, here: Address): boolean {
  const there = addressOfView(view, here);
  return there !== null && hrefOf(sorted(there)) === hrefOf(sorted(here));
}

const sorted = (address: Address): Address => ({
  ...address,
  options: Object.fromEntries(Object.entries(address.options).filter(([name]) => !OF_THE_MOMENT.includes(name)).sort()),
});

function textOf(range: unknown): string {
  const { name, from, to } = range as { name?: string; from?: unknown; to?: unknown };
  return name ? name.toLowerCase().replaceAll("_", "-") : `${from}..${to}`;
}
