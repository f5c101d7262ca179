/** What is asked: a document and its variables as somebody writes them, from a link, an example or the last time. */

export type Written = { readonly query: string; readonly variables: string };

export const NOTHING: Written = { query: "", variables: "" };

const DRAFT = "heropixel-explore";

// A value of an argument, or of a variable, that nobody else should read. Secrets and keys are known by how they begin, too.
const NAMED_SECRETS = /("?\b\w*(?:secret|password|token|current)\w*"?\s*:\s*)(?:"""[^]*?"""|"(?:[^"\\\n]|\\.)*")/gi;
const SECRETS = /\bhp[sk]_[\w-]+/g;

/** A text without secrets: only such a text is put into a storage or a link. */
export function withoutSecrets(text: string): string {
  return text.replace(NAMED_SECRETS, '$1"..."').replace(SECRETS, "...");
}

const safe = ({ query, variables }: Written): Written => ({ query: withoutSecrets(query), variables: withoutSecrets(variables) });

/** What the fragment of an address asks; null: nothing. */
export function fromFragment(fragment: string): Written | null {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const query = given.get("query");
  return query === null ? null : { query, variables: given.get("variables") ?? "" };
}

/** The address of a page that asks this. */
export function linkTo(page: string, written: Written): string {
  const { query, variables } = safe(written);
  return `${page}#${new URLSearchParams({ query, ...(variables.trim() ? { variables } : {}) })}`;
}

/** What was written when this tab was last loaded. */
export function lastDraft(): Written | null {
  return read<Written>(DRAFT);
}

export function keepDraft(written: Written): void {
  write(DRAFT, safe(written));
}

const PAST = "heropixel-explore-past";
const MOST_PAST = 30;

/** What was run in this tab, the latest first. */
export function past(): readonly Written[] {
  return read<Written[]>(PAST) ?? [];
}

export function remember(written: Written): void {
  const one = safe(written);
  const others = past().filter(({ query, variables }) => query !== one.query || variables !== one.variables);
  write(PAST, [one, ...others].slice(0, MOST_PAST));
}

export function forgetPast(): void {
  write(PAST, []);
}

// Of the tab, not of the browser: variables may name people, and others may use the same browser later.
function read<Kept>(key: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") as Kept | null;
  } catch {
    return null; // storage is off, or holds something else
  }
}

function write(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // It holds until the page is left.
  }
}
