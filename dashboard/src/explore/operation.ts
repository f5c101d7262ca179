/** What a document has to run: its operations, which of them is meant, and what each needs. */

import { Kind, parse, print, type OperationDefinitionNode } from "graphql";

export type Operation = {
  readonly name: string | null;
  readonly kind: "query" | "mutation" | "subscription";
  /** Whether it carries credentials of its own. */
  readonly hasAuth: boolean;
};

const UNKNOWN: Operation = { name: null, kind: "query", hasAuth: false };

/** The operation at the cursor, else the first; the server says what is wrong with a document that cannot be read. */
export function operationAt(query: string, cursor: number): Operation {
  const all = operationsOf(query);
  const at = all.find(({ loc }) => loc && loc.start <= cursor && cursor <= loc.end) ?? all[0];
  if (!at) return UNKNOWN;
  const name = all.length > 1 ? (at.name?.value ?? null) : null;
  return { name, kind: at.operation, hasAuth: at.selectionSet.selections.some(withAuth) };
}

/** The name to show for a document. */
export function titleOf(query: string): string | null {
  const [first] = operationsOf(query);
  if (first?.name) return first.name.value;
  const root = first?.selectionSet.selections.find((one) => one.kind === Kind.FIELD);
  return root?.kind === Kind.FIELD ? root.name.value : null;
}

/** The document in its usual form. Comments would be lost, so a document with comments stays as it is. */
export function tidied(query: string): string {
  const document = parse(query);
  return /^\s*#/m.test(query) ? query : print(document);
}

function operationsOf(query: string): readonly OperationDefinitionNode[] {
  try {
    return parse(query).definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return [];
  }
}

const withAuth = (field: OperationDefinitionNode["selectionSet"]["selections"][number]): boolean =>
  field.kind === Kind.FIELD && (field.arguments ?? []).some(({ name }) => name.value === "auth");

/** The variables as an object. Throws where they are none. */
export function variablesOf(text: string): Record<string, unknown> {
  const value: unknown = text.trim() ? JSON.parse(text) : {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("an object in braces is needed");
  return value as Record<string, unknown>;
}
