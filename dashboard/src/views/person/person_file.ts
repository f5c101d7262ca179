/** Everything that is kept of a person, as one file: what the law calls a copy of the personal data. */

import { ask, troubleOf, type Answered } from "../../graphql";
import { PersonFileDocument, type PersonFileQuery } from "./person_file.graphql.ts";

type Page = Readonly<Record<string, unknown>> & { readonly pageviews?: readonly unknown[] };

const AT_ONCE = 1_000; // pageviews

/** Collect it page by page; what went wrong, or the text of the file. */
export async function personFile(id: string, app: string | null): Promise<{ readonly text: string } | { readonly trouble: string }> {
  const pages: Page[] = [];
  for (let after: string | null = null; ; ) {
    const answer: Answered<PersonFileQuery> = await ask(PersonFileDocument, { by: { id }, first: AT_ONCE, after }, { app });
    if ("trouble" in answer) return { trouble: answer.trouble.message };
    const { userData }: PersonFileQuery = answer.data;
    const trouble = troubleOf(userData);
    if (trouble) return { trouble: trouble.message };
    pages.push(userData.data as Page);
    if (!userData.pageInfo?.hasNextPage) return { text: JSON.stringify(joined(pages), null, 2) };
    after = userData.pageInfo.endCursor;
  }
}

/** The pages differ in their pageviews alone. */
export function joined(pages: readonly Page[]): Page {
  return { ...pages[0], pageviews: pages.flatMap((page) => page.pageviews ?? []) };
}
