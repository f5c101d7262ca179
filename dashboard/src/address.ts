/** All that a view shows, as the fragment of the address has it: reload, share and back bring it again.
 *
 * It is the fragment, not the path: one page is all that a proxy has to pass on below whatever path, and whom somebody
 * looks for is in no log of a server.
 */

import { useEffect, useState } from "preact/hooks";
import { lineOf, lineText, type Filter } from "./filters";
import { periodOf, periodText, USUAL, USUAL_COMPARISON, type Comparison, type Period } from "./periods";

export type Address = {
  /** The app, where somebody is a member of several. */
  readonly app: string | null;
  /** The token of the share that is looked at; null: somebody is signed in. It stays in the address, for reload and back. */
  readonly share: string | null;
  /** The pixel that the view is about; null: all of them. */
  readonly pixel: number | null;
  /** The view, and what it is of: `["people", "42"]`; empty: the overview. */
  readonly path: readonly string[];
  readonly period: Period;
  readonly comparison: Comparison;
  readonly filter: Filter;
  /** What a view keeps for itself: tabs, order, search. A view leaves out what is usual. */
  readonly options: Readonly<Record<string, string>>;
};

const COMPARISON_TEXTS: Record<Comparison, string> = {
  SAME_WEEKDAYS: "same-weekdays",
  PREVIOUS_PERIOD: "previous-period",
  PREVIOUS_YEAR: "previous-year",
  NONE: "none",
};

/** The link of a share, as it is given away. */
const SHARE = /^#?share=([\w-]+)$/;

const OWN = ["app", "share", "period", "compare", "filter"];

export function addressOf(fragment: string): Address {
  const [path = "", query = ""] = fragment.replace(/^#?\/?/, "").split(/\?(.*)/s);
  const given = new URLSearchParams(query);
  const link = SHARE.exec(fragment)?.[1] ?? null;
  const parts = (link ? "" : path).split("/").filter(Boolean).map(decoded);
  const ofPixel = parts[0] === "pixels" && /^\d+$/.test(parts[1] ?? "");
  return {
    app: given.get("app"),
    share: link ?? given.get("share"),
    pixel: ofPixel ? Number(parts[1]) : null,
    path: ofPixel ? parts.slice(2) : parts,
    period: periodOf(given.get("period") ?? "") ?? USUAL,
    comparison: comparisonOfText(given.get("compare")),
    filter: given.getAll("filter").flatMap((text) => [lineOf(text) ?? []]).filter((line) => line.length),
    options: Object.fromEntries([...given].filter(([name]) => !OWN.includes(name))),
  };
}

/** The fragment of an address; what is usual is left out. */
export function hrefOf(address: Address): string {
  const query = new URLSearchParams();
  if (address.app) query.set("app", address.app);
  if (address.share) query.set("share", address.share);
  if (periodText(address.period) !== periodText(USUAL)) query.set("period", periodText(address.period));
  if (address.comparison !== USUAL_COMPARISON) query.set("compare", COMPARISON_TEXTS[address.comparison]);
  for (const line of address.filter) query.append("filter", lineText(line));
  for (const [name, value] of Object.entries(address.options)) if (value) query.set(name, value);
  const parts = [...(address.pixel === null ? [] : ["pixels", String(address.pixel)]), ...address.path];
  const asked = query.toString().replace(/%2F/g, "/").replace(/%3A/g, ":").replace(/%7C/g, "|").replace(/%7E/g, "~");
  return `#/${parts.map(encodeURIComponent).join("/")}${asked && `?${asked}`}`;
}

/** Another view of the same pixel, period and filter. */
export function elsewhere(address: Address, ...path: string[]): Address {
  return { ...address, path, options: {} };
}

export function withOption(address: Address, name: string, value: string | null): Address {
  const { [name]: _before, ...options } = address.options;
  return { ...address, options: value === null ? options : { ...options, [name]: value } };
}

/** Go there. `replace` where nobody would want to come back to what was before. */
export function go(address: Address, how: "push" | "replace" = "push"): void {
  const href = hrefOf(address);
  if (href === location.hash) return;
  if (how === "push") history.pushState(null, "", href);
  else history.replaceState(null, "", href);
  dispatchEvent(new Event("hashchange"));
}

const SEEN = "seen"; // an entry of the history that was shown before

/** Which view it is, and which page of it. */
const placeOf = ({ pixel, path, options }: Address) => String([pixel, path, options.after, options.page]);

/** Where we are, and from then on wherever we go. Another view is seen from its top; who goes back finds their place again. */
export function useAddress(): Address {
  const [address, setAddress] = useState(() => addressOf(location.hash));
  useEffect(() => {
    let here = placeOf(address);
    history.replaceState(SEEN, "");
    const moved = () => {
      const next = addressOf(location.hash);
      const before = here;
      here = placeOf(next);
      setAddress(next);
      if (history.state === SEEN) return;
      history.replaceState(SEEN, "");
      if (here !== before) scrollTo(0, 0);
    };
    addEventListener("hashchange", moved);
    addEventListener("popstate", moved);
    return () => {
      removeEventListener("hashchange", moved);
      removeEventListener("popstate", moved);
    };
  }, []);
  return address;
}

function comparisonOfText(text: string | null): Comparison {
  const found = (Object.keys(COMPARISON_TEXTS) as Comparison[]).find((one) => COMPARISON_TEXTS[one] === text);
  return found ?? USUAL_COMPARISON;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
