/** Asks the API: one document, and its answer, or in words what stood in the way. */

/** The text of a document, which knows the types of its answer and of its variables. */
export type Document<Result, Variables> = string & { readonly asks?: (variables: Variables) => Result };

/** Why there is no answer. `away`: nobody answered, and asking again may help. */
export type Trouble = { readonly kind: "away" | "refused" | "signed-out"; readonly message: string };

export type Answered<Result> = { readonly data: Result } | { readonly trouble: Trouble };

/** What each root field of an answer says of itself. */
export type Root = { readonly code: number; readonly message: string; readonly reason?: string | null };

const AWAY: Trouble = {
  kind: "away",
  message: "The server does not answer. What you see is what it last said. It is asked again in a few seconds.",
};

/** What a visitor of a share sends instead of a session. It is in no storage: in the frame of another site there is none. */
let bearer = "";

export function sendBearer(text: string): void {
  bearer = text;
}

/** Beside this page: it works below a path, too. */
export const ENDPOINT = "graphql";

export type How = {
  readonly signal?: AbortSignal;
  /** The app that a member of several asks for. */
  readonly app?: string | null;
};

export async function ask<Result, Variables>(
  document: Document<Result, Variables>,
  variables: Variables,
  how: How = {},
): Promise<Answered<Result>> {
  const { signal = null } = how;
  try {
    const response = await fetch(ENDPOINT, requestOf(document, variables, "application/json", how));
    return response.status >= 502 ? { trouble: AWAY } : answered<Result>(await response.json());
  } catch (error) {
    if (signal?.aborted) throw error;
    return { trouble: AWAY };
  }
}

export function requestOf(query: string, variables: unknown, accept: string, { signal, app }: How): RequestInit {
  const headers = {
    "content-type": "application/json",
    accept,
    ...(app ? { "heropixel-app": app } : {}),
    ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
  };
  return { method: "POST", headers, body: JSON.stringify({ query, variables }), signal: signal ?? null };
}

/** The answer of a body. What one of its fields refuses is for the part that shows it; who is not signed in has nothing. */
export function answered<Result>(body: { data?: Result | null; errors?: { message: string }[] }): Answered<Result> {
  if (!body.data) return { trouble: { kind: "refused", message: body.errors?.[0]?.message ?? AWAY.message } };
  const roots = Object.values(body.data as Record<string, Root | null>);
  const refused = roots.find((root) => root?.reason === "INVALID_CREDENTIALS");
  return refused ? { trouble: { kind: "signed-out", message: refused.message } } : { data: body.data };
}

/** Why a root field has no result; null where it has one. */
export function troubleOf(root: Root): Trouble | null {
  if (root.code === 200) return null;
  return { kind: root.reason === "EVENT_STORE_UNAVAILABLE" ? "away" : "refused", message: sentence(root.message) };
}

/** What of an answer could not be read, and will be later; null where all of it is there. */
export function awayIn(data: object): Trouble | null {
  const troubles = (Object.values(data) as (Root | null)[]).map((root) => root && troubleOf(root));
  return troubles.find((trouble) => trouble?.kind === "away") ?? null;
}

/** Messages of the API end without a full stop. On a page others follow them. */
const sentence = (message: string) => (/\w$/.test(message) ? `${message}.` : message);
