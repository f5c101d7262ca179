/** The calls that a page may make, and the start. */

import { keep } from "./beacon";
import { flush, learn, type Given } from "./identity";
import { dataset, isManual } from "./options";
import { count, follow, tell } from "./pages";
import { quietly } from "./quiet";
import { consent, isAllowed, say, settle, Word } from "./visitor";

declare const window: { heropixel?: any; analyticsLayer?: any };

const calls: { [name: string]: (given?: any) => void } = {
  pageview: count,

  identify(given: Given) {
    learn(given).then((isNamed) => isNamed && isAllowed() && tell("identify"));
  },

  // Only `true` is consent: whatever else a banner hands over must not be taken for it.
  consent(given: any) {
    const isGiven = (given.granted || given) === true;
    const before = consent();
    const taken = say(isGiven ? Word.YES : given == Word.OUT ? given : Word.NO);
    if (!isGiven) {
      keep(""); // no word of before is sent any more
      settle();
    }
    // Of an opt-out it is told though it may change nothing of the consent: a cookie of the server's lives longer.
    if (consent() != before || taken == Word.OUT) {
      tell("consent");
      calls.identify({}); // what was said before
    }
  },

  optOut() {
    calls.consent(Word.OUT);
  },
};

/** Make a call of `["pageview", {...}]` or, in the layer's way of saying it, of `{event: "pageview", ...}`. */
const read = quietly((call: any) => calls[call.event || call[0]](call.event ? call : call[1] || {}));

/** Read what a page has pushed, and from now on what it pushes; it is returned. */
const readList = (list: any[]): any[] => {
  const { push } = list;
  list.push = (...entries) => {
    entries.map(read);
    return push.apply(list, entries);
  };
  list.map(read); // not forEach: each byte counts, and the names are in the script already
  return list;
};

const own = (window.heropixel = window.heropixel || []);

/** The layer, if there is one. */
const readLayer = quietly(() => window.analyticsLayer && readList(window.analyticsLayer));

const start = (): void => {
  readList(own);
  readLayer() || addEventListener("load", readLayer); // pages may make it after we were loaded
  if (!isManual) follow();
  addEventListener("pagehide", flush); // last, for what the others have made wait
};

if (!own.pageview) {
  learn(dataset);
  for (const name in calls) own[name] = (given: unknown) => own.push([name, given]);

  // A prerendered page is not seen before it shows.
  if ((document as { prerendering?: boolean }).prerendering)
    document.addEventListener("prerenderingchange", start);
  else start();
}
