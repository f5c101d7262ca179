/** The calls that a page may make, and the start. */

import { keep } from "./beacon";
import { learn, type Given } from "./identity";
import { isAutomatic } from "./options";
import { count, follow, tell } from "./pages";
import { quietly } from "./quiet";
import { consent, isAllowed, say, settle, Word } from "./visitor";

const calls: { [name: string]: (given?: any) => void } = {
  pageview: count,

  identify(given: Given) {
    learn(given).then((isNamed) => isNamed && isAllowed() && tell("identify"));
  },

  // Only `true` is consent: whatever else a banner hands over must not be taken for it.
  consent(given: any) {
    const isGiven = (given.granted || given) === true;
    const before = consent();
    say(isGiven ? Word.YES : given == Word.OUT ? given : Word.NO);
    if (!isGiven) {
      keep(""); // no word of before is sent any more
      settle();
    }
    if (consent() != before) {
      tell("consent");
      calls.identify({}); // what was said before
    }
  },

  optOut() {
    calls.consent(Word.OUT);
  },
};

/** Make a call of `["pageview", {...}]` or, in the layer's way of saying it, of `{event: "pageview", ...}`. */
const read = quietly((call: any) => calls[call.event || call[0]](call.event ? call : call[1]));

/** Read what a page has pushed, and from now on what it pushes; says that it did. */
const readList = (list: any[]): boolean => {
  const { push } = list;
  list.push = (...entries) => {
    entries.forEach(read);
    return push.apply(list, entries);
  };
  list.forEach(read);
  return true;
};

const page = window as { heropixel?: any; analyticsLayer?: any };
const own = (page.heropixel = page.heropixel || []);

/** Says if there is a layer. */
const readLayer = quietly(() => page.analyticsLayer && readList(page.analyticsLayer));

const start = (): void => {
  readList(own);
  readLayer() || addEventListener("load", readLayer); // pages may make it after we were loaded
  if (isAutomatic) follow();
};

if (!own.pageview) {
  for (const name in calls) own[name] = (given: unknown) => own.push([name, given]);

  // A prerendered page is not seen before it shows.
  if ((document as { prerendering?: boolean }).prerendering)
    document.addEventListener("prerenderingchange", start);
  else start();
}
