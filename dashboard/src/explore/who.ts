/** Who calls: the member who is signed in, or an app by its secret or a key, which stay in memory and go nowhere else. */

import { ENDPOINT, type Root } from "../graphql";
import { CallerDocument, type CallerQuery } from "./caller.graphql.ts";

export type Who =
  | { readonly by: "session"; readonly app: string | null }
  | { readonly by: "secret"; readonly appId: string; readonly secret: string }
  | { readonly by: "key"; readonly key: string };

/** What the server says of them; null: nobody. */
export type Known = {
  readonly me: CallerQuery["me"];
  readonly pixel: { readonly id: number; readonly domain: string } | null;
} | null;

export const OF_SESSION: Who = { by: "session", app: null };

const KEY = /^hpk_/;

export function whoGave(appId: string, secret: string): Who {
  return KEY.test(secret) ? { by: "key", key: secret } : { by: "secret", appId, secret };
}

export function headersOf(who: Who): Record<string, string> {
  if (who.by === "key") return { authorization: `Bearer ${who.key}` };
  if (who.by === "secret") return { authorization: `Basic ${base64(`${who.appId}:${who.secret}`)}` };
  return who.app ? { "heropixel-app": who.app } : {};
}

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** One request. `accept` says whether an answer or a stream of them is wanted. */
export function send(who: Who, body: object, accept: string, signal: AbortSignal | null = null): Promise<Response> {
  const headers = { "content-type": "application/json", accept, ...headersOf(who) };
  return fetch(ENDPOINT, { method: "POST", headers, body: JSON.stringify(body), signal });
}

/** Who that is, in words of the server; what is wrong with the credentials otherwise. */
export async function recognised(who: Who): Promise<{ readonly known: Known; readonly trouble: string }> {
  try {
    const response = await send(who, { query: CallerDocument }, "application/json");
    const { data } = (await response.json()) as { data?: CallerQuery };
    if (!data || isRefused(data.me)) return { known: null, trouble: data?.me.message ?? "" };
    const [first] = data.pixels.nodes ?? [];
    const pixel = first?.domains[0] ? { id: first.id, domain: first.domains[0] } : null;
    return { known: { me: data.me, pixel }, trouble: "" };
  } catch {
    return { known: null, trouble: "" };
  }
}

const isRefused = (root: Root) => root.code !== 200;
