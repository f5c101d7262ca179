/** From the form to the share that is asked for, and from the answer to what is shown of it. */

import type { Address } from "../../address";
import { inputOf } from "../../filters";
import { timeText } from "../../times";
import type { CreateShareMutationVariables } from "./shares.graphql.ts";

export type Form = { readonly name: string; readonly password: string; readonly lastDay: string; readonly embedOn: string; readonly showPeople: boolean };

export const EMPTY: Form = { name: "", password: "", lastDay: "", embedOn: "", showPeople: false };

export function variablesOf({ pixel, filter }: Address, form: Form): CreateShareMutationVariables {
  return {
    pixelId: pixel ?? 0,
    name: form.name,
    password: form.password || null,
    expiresAt: form.lastDay ? endOf(form.lastDay) : null,
    filter: inputOf(filter),
    embedOn: linesOf(form.embedOn),
    showPeople: form.showPeople,
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
  return { day: timeText(new Date(at.getTime() - 1), "day"), isOver: at <= now };
}
