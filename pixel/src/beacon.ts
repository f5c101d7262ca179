/** One message to the server, and what becomes of it where the network fails. */

import { identity, whenKnown } from "./identity";
import { collectUrl, isImplied, isPrivate, pixelId } from "./options";
import { quietly } from "./quiet";
import { consent, isAllowed, settle, told, visitorId, Word } from "./visitor";

/** What found no network, for the next page: one beacon a line; not looked up before the first is sent. */
let unsent: string;

/** Keep them for the next page of a single-page application, and for any other where the visitor has consented. */
export const keep = quietly((bodies: string) => {
  unsent = bodies;
  if (bodies && isAllowed()) sessionStorage.heropixel = bodies;
  else delete sessionStorage.heropixel;
});

/** Post it in a way that outlives the page, and do something `after` the answer. */
const post = (body: string, after: any, isSecond?: boolean): void => {
  try {
    fetch(collectUrl, {
      method: "POST",
      body,
      keepalive: "keepalive" in Request.prototype || (0 as any)(), // throws: the page would cancel it when it is left
      credentials: "include",
    })
      .then((answer) => answer.status < 502) // else it has no room, or is not there behind its proxy
      .catch(() => {})
      .then((isTaken) => isTaken || isSecond || keep(unsent + body + "\n"))
      .then(after);
  } catch {
    navigator.sendBeacon(collectUrl, body);
    settle();
  }
};

export type Fields = { event?: string; id?: string; replaces?: string; [field: string]: unknown };

/** Tell the server something, with what is known of the visitor as far as consent allows. */
export const send = (fields: Fields, pixel = pixelId): void => {
  whenKnown(
    quietly(() => {
      const word = told();
      if (word == Word.OUT && !fields.event) return; // that she opts out is the last it is told
      if (unsent == null) unsent = quietly(() => isAllowed(word) && sessionStorage.heropixel)() || "";
      // A pageview takes along, a second and last time, what was lost; by its id the server knows what arrived.
      if (!fields.event)
        unsent.split("\n").map((body) => {
          if (body) {
            keep("");
            post(body, settle, true); // its answer may bring a cookie back to whom has said no since
          }
        });
      // What is sent again takes the place of what was sent before.
      fields.replaces = fields.id;
      // The server remembers together what was made together. An id has to be unique, and nothing more: random digits
      // that nobody can guess would cost a page as much as all else that stands here.
      fields.id = Date.now() + Math.random().toFixed(19).slice(2);
      post(
        JSON.stringify({
          pixelId: pixel,
          ...fields,
          consent: consent(word),
          private: isPrivate() || undefined,
          ...(isAllowed(word) && { visitorId: visitorId(), ...identity }),
        }),
        (word || isImplied) && settle, // else no cookie can have come, and to look for one costs a millisecond
      );
    }),
  );
};
