/** Which page this is, when it becomes another, and what is told of it. */

import { send, type Fields } from "./beacon";
import { fragmentMark, isManual } from "./options";
import { quietly } from "./quiet";
import { consent, isAllowed } from "./visitor";

declare const Temporal: { Now: { timeZoneId(): string } };

const enum Milliseconds {
  SETTLING = 100, // routers redirect at once, and set the title some time after the address
}

type Props = { url?: string; title?: string; referrer?: string; websiteId?: number; [property: string]: unknown };

/** The page that was counted last: a router that repeats itself makes no second pageview. `false` before the first. */
let counted: string | boolean = isManual;

/** Where the visitor came from: within a single-page application, the page before. */
let before = document.referrer;

/** The campaign of the first page: it may stand behind the hash, or be gone from the address before that is counted. */
let campaign = (/(utm_\w+|\w+clid)=[^#]*/i.exec(location.href) || "")[0];

/** The pageview of this page, while nothing was said of consent. Whoever consents on a page has been on it. */
let unnamed: Fields | false;

/**
 * Temporal answers at once, and is asked before: when a tab is closed, Firefox drops what is sent after 2 ms, which it
 * may take there.
 */
const timezone = quietly(() => Temporal.Now.timeZoneId())();

const address = (url = location.href): string => url.split(fragmentMark)[0];

/** Count a pageview: of the page as it is, or as a call says. */
export const count = ({ event, websiteId, url, title, referrer, ...properties }: Props): void => {
  let here = url ? address(new URL(url, location.href).href) : (counted = address());
  if (!url) {
    if (campaign && !here.includes(campaign)) here += (here.includes("?") ? "&" : "?") + campaign;
    campaign = "";
  }
  const fields = {
    url: here,
    referrer: referrer || before,
    title: title || document.title,
    canonical: ((document.querySelector("[rel=canonical]") || 0) as HTMLLinkElement).href,
    language: navigator.language,
    // Intl takes up to 80 ms of a slow telephone the first time it is asked for anything.
    timezone: timezone || Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen: screen.width + "x" + screen.height,
    viewport: innerWidth + "x" + innerHeight,
    properties,
  };
  unnamed = !websiteId && !isAllowed() && consent() == null && fields;
  send(fields, websiteId);
  before = here;
};

/** Tell something between pageviews; before the first one it waits, and goes with that. */
export const tell = (event: string): void => {
  const page = isAllowed() && unnamed;
  if (page) unnamed = false;
  if (counted) send({ url: address(), ...page, event });
};

const countOther = quietly(() => address() != counted && count({}));

const look = (_?: unknown): unknown => setTimeout(countOther, Milliseconds.SETTLING);

const withoutQuery = (url: string): string => url.replace(/\?[^#]*/g, "");

/** Count this page and those to come. */
export const follow = (): void => {
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = (...given) => {
      const was = address();
      original.apply(history, given);
      // Another query in its place is the same page: a filter, a map, a campaign that is taken off.
      if (name > "q" && was == counted && withoutQuery(was) == withoutQuery(address())) counted = address();
      else look();
    };
  }
  addEventListener("popstate", look);
  // The page is left. It stays counted, since Chromium may still make a look that is due.
  addEventListener("pagehide", countOther);
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) look((counted = true)); // out of the back-forward cache: it is seen once more
  });
  look();
};
