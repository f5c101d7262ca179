/** Which page this is, when it becomes another, and what is told of it. */

import { send } from "./beacon";
import { fragmentMark, isManual } from "./options";
import { quietly } from "./quiet";

declare const Temporal: { Now: { timeZoneId(): string } };

const enum Milliseconds {
  SETTLING = 100, // routers redirect at once, and set the title some time after the address
}

type Props = { url?: string; title?: string; referrer?: string; websiteId?: number; [property: string]: unknown };

/** The page that was counted last: a router that repeats itself makes no second pageview. `false` before the first. */
let counted: string | boolean = isManual;

/** Where the visitor came from: within a single-page application, the page before. */
let before = document.referrer;

const address = (): string => location.href.split(fragmentMark)[0];

/** Count a pageview: of the page as it is, or as a call says. */
export const count = ({ event, websiteId, url, title, referrer, ...properties }: Props): void => {
  const here = url ? new URL(url, location.href).href : (counted = address());
  send(
    {
      url: here,
      referrer: referrer || before,
      title: title || document.title,
      canonical: ((document.querySelector("[rel=canonical]") || 0) as HTMLLinkElement).href,
      language: navigator.language,
      // Intl takes up to 80 ms of a slow telephone the first time it is asked for anything, Temporal none.
      timezone: (window as { Temporal?: unknown }).Temporal
        ? Temporal.Now.timeZoneId()
        : Intl.DateTimeFormat().resolvedOptions().timeZone,
      screen: screen.width + "x" + screen.height,
      viewport: innerWidth + "x" + innerHeight,
      properties,
    },
    websiteId,
  );
  before = here;
};

/** Tell something between pageviews; before the first one it waits, and goes with that. */
export const tell = (event: string): void => {
  if (counted) send({ event, url: address() });
};

const countOther = quietly(() => address() != counted && count({}));

const look = (): unknown => setTimeout(countOther, Milliseconds.SETTLING);

/** The page is left. Only then can it come back, from the back-forward cache, and is seen once more. */
const leave = (): void => {
  countOther();
  counted = true;
  addEventListener("pageshow", look);
};

/** Count this page and those to come. */
export const follow = (): void => {
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = (...given) => {
      original.apply(history, given);
      look();
    };
  }
  addEventListener("popstate", look);
  addEventListener("pagehide", leave);
  look();
};
