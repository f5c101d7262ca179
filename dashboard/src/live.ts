/** Subscriptions over server-sent events: GraphQL over SSE, each on a connection of its own. */

import { ENDPOINT, requestOf, type Document } from "./graphql";

const AGAIN_AFTER = 5_000; // milliseconds

/** Hear what happens until the returned function is called. A connection that ends is made again, a refusal is not.
 *
 * A page that is not in front holds no connection. Without HTTP/2, browsers open six to a host, for all tabs and for the
 * pages that "back" leads to: with as many open streams the next page would wait for ever.
 */
export function subscribe<Result, Variables>(
  document: Document<Result, Variables>,
  variables: Variables,
  app: string | null,
  hear: (data: Result) => void,
): () => void {
  let connection = new AbortController();
  let later = 0;
  let refused = false;
  const listen = async () => {
    const { signal } = (connection = new AbortController());
    try {
      const response = await fetch(ENDPOINT, requestOf(document, variables, "text/event-stream", { signal, app }));
      refused = response.body !== null && (await read(response.body, hear)) === "refused";
    } catch {
      // It ended, and is asked for again.
    }
    if (!refused && !signal.aborted) later = window.setTimeout(listen, AGAIN_AFTER);
  };
  const close = () => {
    connection.abort();
    clearTimeout(later);
  };
  const turned = () => {
    close();
    if (!window.document.hidden && !refused) void listen();
  };
  if (!window.document.hidden) void listen();
  window.document.addEventListener("visibilitychange", turned);
  addEventListener("pagehide", close);
  return () => {
    window.document.removeEventListener("visibilitychange", turned);
    removeEventListener("pagehide", close);
    close();
  };
}

/** Hear until it ends. What the server could not do is no refusal: a part of it may be starting again. */
export async function read<Result>(body: ReadableStream<Uint8Array<ArrayBuffer>>, hear: (data: Result) => void): Promise<"ended" | "refused"> {
  for await (const { data, errors } of messagesOf(body)) {
    if (errors) return errors.some(({ extensions }) => extensions?.code === 500) ? "ended" : "refused";
    if (data) hear(data as Result);
  }
  return "ended";
}

type Message = { readonly data?: unknown; readonly errors?: readonly { readonly extensions?: { readonly code?: number } }[] };

/** What the events of a stream say, one by one. */
export async function* messagesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Message> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + value).split("\n\n");
    text = events.pop() ?? "";
    yield* events.flatMap((event) => eventData(event) ?? []);
  }
}

/** What an event says; null where it says nothing, and only keeps the connection open. */
export function eventData(event: string): Message | null {
  const lines = event.split("\n");
  if (!lines.includes("event: next")) return null;
  const body = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
  return JSON.parse(body.join("\n"));
}
