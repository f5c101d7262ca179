/**
 * May the visitor be recognised, and by what: consent, and our only cookie.
 *
 * The cookie is read anew each time, since another tab may have changed it. It holds the visitor's id (only with
 * consent), `no` (refused where consent is implied) or `out` (opted out).
 */

import { hex } from "./hex";
import { isImplied, isNever } from "./options";
import { quietly } from "./quiet";

const enum Seconds {
  LIFE = 34190000, // 13 months: the longest that authorities of data protection let consent last
}

/** What was said on this page, until the cookie tells it: the beginning of every id stands for consent. */
export const enum Word {
  NOTHING = "",
  YES = "hp1.",
  NO = "no",
  OUT = "out",
}
let said = Word.NOTHING;

/** The id made on this page; `""` where cookies are not kept, since it would make a new visitor of each page. */
let made: string | undefined;

/** The value of our cookie; `""` if there is none, or it must not be read, as in a sandbox. */
const cookie = quietly(() => (("; " + document.cookie).split("; heropixel=")[1] || "").split(";")[0]);

const isId = (value?: string) => (value && value[3]) as unknown as boolean; // no other word has a fourth letter

/**
 * Set the cookie, or erase it with `""`, as widely as the browser lets us: on `shop.com`, else on `www.shop.com`, and so
 * on, else on the host alone, as on `localhost` and on an IP address. `com`, `co.uk` and their like are not tried:
 * Firefox writes into the console what it refuses.
 */
const setCookie = quietly((value: string): void => {
  const labels = location.hostname.match(/[\d.]+$|com?\...$|[^.]+/g)!;
  for (let first = labels.length - 1; first-- >= 0 && cookie() != value; )
    document.cookie =
      "heropixel=" +
      value +
      ";path=/;samesite=lax;max-age=" +
      (value ? Seconds.LIFE : 0) +
      (location.protocol[5] ? ";secure" : "") + // the colon of "https:"
      (first < 0 ? "" : ";domain=" + labels.slice(first).join("."));
});

/** What the visitor said, on this page or, as the cookie tells, before. */
export const told = (kept = cookie()): string | undefined => (kept == Word.OUT ? kept : said || kept);

/** May there be an id, an identity, and a link between the two? */
export const isAllowed = (word = told()): boolean => isId(word || (isImplied ? Word.YES : "")) && !isNever();

/** What the visitor said, as a beacon tells it; `undefined` if nothing, and where it counts for nothing. */
export const consent = (word = told()): boolean | undefined =>
  word && !isId(word) ? false : (isAllowed(word) && !!(said || !isImplied)) || undefined;

/**
 * The visitor's id. A new one is tried on the cookie and taken off again: where the server can set it, it is the server
 * who must, since Safari forgets within a week what a script has set.
 */
export const visitorId = (): string => {
  const kept = cookie()!;
  if (isId(kept)) return kept;
  if (made == null) {
    setCookie((made = Word.YES + hex(crypto.getRandomValues(new Uint8Array(16)))));
    if (cookie() != made) made = "";
    setCookie("");
  }
  return made;
};

/** Bring the cookie in line with what was said. Called after each answer too, which may have set it meanwhile. */
export const settle = quietly((): void => {
  const kept = cookie()!;
  if (isAllowed(told(kept))) {
    setCookie(visitorId());
    // From now on the cookie tells it, so that what is said in another tab counts here.
    if (isId(cookie())) said = Word.NOTHING;
  } else setCookie(said == Word.OUT || (said == Word.NO && isImplied) ? said : isId(kept) ? "" : kept);
});

/** The visitor gives or refuses consent, or wants no part in this, which is the last word; the word, if it is taken. */
export const say = (word: Word): unknown => told() == Word.OUT || (isNever() && word == Word.YES) || (said = word);
