/** From the form to the share that is asked for, and from the answer to what is shown of it. */

import type { Address } from "../../address";
import { inputOf, OPERATORS, FILTERABLE, type Condition, type Filter, type Line } from "../../filters";
import type { FilterInput } from "../../parts/report.graphql.ts";
import { LOCALE } from "../../texts";
import type { CreateShareMutationVariables } from "./shares.graphql.ts";

export type Form = { readonly name: string; readonly password: string; readonly lastDay: string; readonly embedOn: string };

export const EMPTY: Form = { name: "", password: "", lastDay: "", embedOn: "" };

export function variablesOf({ pixel, filter }: Address, form: Form): CreateShareMutationVariables {
  return {
    pixelId: pixel ?? 0,
    name: form.name,
    password: form.password || null,
    expiresAt: form.lastDay ? endOf(form.lastDay) : null,
    filter: inputOf(filter),
    embedOn: linesOf(form.embedOn),
  };
}

const linesOf = (text: string) => text.split(/\s+/).filter(Boolean);

/** The first instant after a day, where the browser is. */
function endOf(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + 1).toISOString();
}

/** The link as this page reaches the server, which may be below a path that the server does not know of. */
export function linkHere(link: string, page: string): string {
  const { search, hash } = new URL(link);
  return new URL(`share${search}${hash}`, page.replace(/[#?].*$/s, "")).href;
}

/** The markup of a frame. Its page may ask for a theme. */
export function frameOf(link: string, name: string): string {
  const title = name.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<iframe src="${link}" title="${title}" width="100%" height="900" style="border: 0"></iframe>`;
}

export type Ending = { readonly day: string; readonly isOver: boolean };

export function endingOf(expiresAt: string | null, now: Date): Ending | null {
  if (expiresAt === null) return null;
  const at = new Date(expiresAt);
  // It ends when the day after its last one begins.
  return { day: dayOf(new Date(at.getTime() - 1)), isOver: at <= now };
}

export const dayOf = (at: Date) => new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" }).format(at);

/** The filter of a share as the lines of an address have it; null where it is none that this page makes. */
export function filterOf(stored: unknown): Filter | null {
  if (stored === null) return [];
  const input = stored as FilterInput;
  const lines = (input.and ?? [input]).map(lineOf);
  return lines.every((line) => line !== null) ? lines : null;
}

function lineOf(input: FilterInput): Line | null {
  const conditions = (input.or ?? [input]).map(conditionOf);
  return conditions.every((one) => one !== null) ? conditions : null;
}

const NAMES = { is: "is", isNot: "is-not", contains: "contains", containsNot: "contains-not", wildcard: "like" } as const;

function conditionOf({ on, not }: FilterInput): Condition | null {
  if (not?.on?.wildcard) return condition(not.on.dimension, "not-like", not.on.wildcard);
  for (const [name, operator] of Object.entries(NAMES)) {
    const values = on?.[name as keyof typeof NAMES];
    if (on && values) return condition(on.dimension, operator, values);
  }
  return null;
}

function condition(name: string, operator: (typeof OPERATORS)[number], values: string | readonly string[]): Condition | null {
  const dimension = FILTERABLE.find((one) => one === name);
  return dimension ? { dimension, operator, values: typeof values === "string" ? [values] : values } : null;
}
