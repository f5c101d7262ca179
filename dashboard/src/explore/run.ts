/** Runs a request: one answer, or as many as a subscription has until it is stopped. */

import { messagesOf } from "../live";
import type { Operation } from "./operation";
import { TEXTS } from "./texts";
import { send, type Who } from "./who";

export type Shown = { readonly text: string; readonly status: string; readonly running: boolean };

const MOST_EVENTS = 100; // of a stream, that are shown

type Asked = { readonly query: string; readonly variables: object; readonly operation: Operation };

/** Ask, and show each answer as it comes. */
export async function run({ query, variables, operation }: Asked, who: Who, show: (shown: Shown) => void, signal: AbortSignal) {
  const body = { query, variables, ...(operation.name ? { operationName: operation.name } : {}) };
  const began = performance.now();
  show({ text: "", status: TEXTS.running, running: true });
  try {
    const isStream = operation.kind === "subscription";
    const response = await send(who, body, isStream ? "text/event-stream, application/json;q=0.1" : "application/json", signal);
    if (isStream && response.body && response.headers.get("content-type")?.startsWith("text/event-stream")) {
      await listen(response.body, show);
      return;
    }
    const text = await response.text();
    const milliseconds = Math.round(performance.now() - began);
    const bytes = new TextEncoder().encode(text).length;
    show({ text: pretty(text), status: TEXTS.done(response.status, milliseconds, bytes), running: false });
  } catch {
    if (!signal.aborted) show({ text: "", status: TEXTS.away, running: false });
  }
}

async function listen(body: ReadableStream<Uint8Array<ArrayBuffer>>, show: (shown: Shown) => void) {
  let events: string[] = [];
  let count = 0;
  const tell = (running: boolean) =>
    show({ text: events.join("\n\n"), status: running ? TEXTS.listening(count) : TEXTS.ended(count), running });
  tell(true);
  for await (const message of messagesOf(body)) {
    count += 1;
    events = [JSON.stringify(message, null, 2), ...events].slice(0, MOST_EVENTS);
    tell(true);
  }
  tell(false);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // of a proxy, or of an older server
  }
}
