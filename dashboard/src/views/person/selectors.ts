/** From what somebody writes to the identifier that it is. */

import type { ContactInput, UserSelector } from "./changing.graphql.ts";

const DIGESTS = { 32: "md5", 40: "sha1", 64: "sha256" } as const;

/** The user that a text names: an email, a telephone number, a digest, an id of ours, else an externalId. */
export function selectorOf(text: string): UserSelector {
  const given = text.trim();
  const contact = contactOf(given);
  if (contact) return contact as UserSelector;
  return /^\d{10,}$/.test(given) ? { id: given } : { externalId: given };
}

/** The contact that a text is; null: none. */
export function contactOf(text: string): ContactInput | null {
  const given = text.trim();
  if (given.includes("@")) return { email: given };
  if (/^\+[\d ()./-]{6,}$/.test(given)) return { phone: given };
  const digest = /^[0-9a-f]+$/i.test(given) ? DIGESTS[given.length as keyof typeof DIGESTS] : undefined;
  return digest ? { [digest]: given } : null;
}

/** Whether an address or a number is masked: it can be read, and names nobody. */
export const isMasked = (text: string) => text.includes("•");
