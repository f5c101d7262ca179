/** A person in words: their name, their traits, where they came from. */

import { TEXTS } from "../../texts";
import { PEOPLE } from "../../texts/people";

export type Named = {
  readonly id: string;
  readonly name: string | null;
  readonly externalId: string | null;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
};

/** The name by traits, else the best identifier. */
export function personName(person: Named): string {
  return person.name ?? person.emails[0] ?? person.externalId ?? person.phones[0] ?? PEOPLE.unnamed(person.id);
}

/** What stands below a name: how they are reached, unless that is the name already. */
export function personContact(person: Named): string {
  const name = personName(person);
  return [person.emails[0], person.externalId, person.phones[0]].find((one) => one && one !== name) ?? "";
}

const NAMES = /^(full_?|first_?|last_?)?name$/i;

export type Trait = { readonly name: string; readonly text: string };

/** The traits, as text; those that are the name are left out. */
export function traitsOf(traits: unknown): Trait[] {
  const entries = traits && typeof traits === "object" ? Object.entries(traits) : [];
  return entries
    .filter(([name, value]) => !NAMES.test(name) && value !== null && value !== "")
    .map(([name, value]) => ({ name, text: typeof value === "object" ? JSON.stringify(value) : String(value) }));
}

const MOST = 3; // in a line

/** The first traits in a line: texts by themselves, numbers and booleans with their name. */
export function traitLine(traits: unknown): string {
  return traitsOf(traits)
    .slice(0, MOST)
    .map(({ name, text }) => (/^(-?[\d.]+|true|false)$/.test(text) ? `${name} ${text}` : text))
    .join(" · ");
}

type From = {
  readonly source: string | null;
  readonly channel: string | null;
  readonly utmCampaign: string | null;
  readonly referrer?: string | null;
};

/** Where somebody came from: the source, and the campaign. */
export function sourceText(from: From): string {
  const source = from.source ?? from.referrer ?? (from.channel ? (TEXTS.channels[from.channel] ?? from.channel) : "");
  return [source, from.utmCampaign].filter(Boolean).join(", ");
}
