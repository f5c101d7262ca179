/** Who the visitor says he is: normalised as the server does, and hashed here. The address itself is never sent. */

import { hex } from "./hex";

export type Given = { email?: unknown; sha256?: unknown; externalId?: unknown };

// Expressions stand where they are used: most pages name nobody, and shall not pay for making them.

/**
 * What was given, as a trimmed text; `""` for nothing, for what is printed where a value is missing, and for a number
 * whose last digits are lost. The server knows more of them.
 */
const text = (given: any): string =>
  given && !(given.toFixed && given > 9e15)
    ? (given + "")
        .trim()
        .replace(
          /^(["']?(null|none|nan|undefined(@.*)?|anonymous|guest|not_authenticated|0*)["']?|[-$%(<[{*#@~|].*)$/i,
          "",
        )
    : "";

/** The strict form: trimmed, lower case, the domain in punycode; throws if it is no address. */
const normalise = (email: string): string => {
  // An address, whose domain may still be written in any alphabet. Telephones in Japan have dots anywhere.
  const [, , local, domain] =
    /^(?!.{255})(?:(?=.*(\.ne\.jp|@au\.com)$)|(?!\.|.*\.[.@]))([^\0- \s"(),:-<>@[-\]]+@)([^\0- \s"(),:-<>@[-\]/?#%]+)$/.exec(
      email
        .toLowerCase()
        .replace(/[\p{DI}\xa0\u202f]/gu, "") // invisible, or a space that cannot be there
        .normalize()
        .trim()
        .replace(/^"([^"\\ ]+)"@/, "$1@"),
    )!;
  // A host name in ASCII; `\b` stands where a label must not begin or end with a hyphen.
  return local + /^(\b[a-z\d-]+\b\.)+[a-z][a-z\d-]*\b$/.exec(new URL("http://" + domain).hostname)![0];
};

/** Who it is as far as was said on this page. It is kept nowhere else. */
export const identity: { sha256?: string; externalId?: string } = {};

/** What was said is hashed one after the other. */
let known: Promise<unknown> = Promise.resolve();

/** How much of it is not hashed yet, and what waits for that. */
let hashing = 0;
const waiting: (() => void)[] = [];

/** Do at once what waits: the page is left. Firefox drops what is sent after that, even in a promise of before. */
export const flush = (): unknown => waiting.splice(0).map((work) => work());

/** Do something as soon as everything that was said is hashed: at once, as a rule. */
export const whenKnown = (work: () => void): unknown => (hashing ? waiting.push(work) : work());

/** Add to the identity; the promise tells if there is anybody's name in it. */
export const learn = (given: Given): Promise<unknown> => {
  hashing++;
  return (known = known.then(async () => {
    try {
      const externalId = text(given.externalId);
      const sha256 = text(given.sha256);
      const email = text(given.email);
      if (externalId) identity.externalId = externalId;
      if (sha256[42]) identity.sha256 = sha256; // Base64 has 43 characters, hexadecimal 64
      if (email)
        identity.sha256 = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(normalise(email))));
    } catch {
      // It is no address, or the page came without https, where browsers do not hash.
    }
    --hashing || flush();
    return identity.sha256 || identity.externalId;
  }));
};
