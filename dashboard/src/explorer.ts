/** Links into the explorer, with a document and its variables. */

/** The address of the explorer with this request in it. It is in the fragment: no server's log has it. */
export function explorerHref(document: string, variables: unknown): string {
  const given = new URLSearchParams({ query: document, variables: JSON.stringify(variables, null, 2) });
  return `explore#${given}`;
}
