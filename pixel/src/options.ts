/**
 * What the tag says: every option is a `data-*` attribute of the script's own element, or stands in the query of its
 * address, since tag managers take such attributes off: `pixel.js?pixel=1`.
 */

/** The tag. A module has no `currentScript`, hence the second look. */
const tag = (document.currentScript ||
  document.querySelector("[data-pixel],[src*='js?pixel=']")) as HTMLScriptElement;

/** Its attributes; who the visitor is may be among them, where the page was rendered for somebody. */
export const dataset = tag.dataset;

/** What its address says. A script within the page has none, and the address of the page is no option. */
const { searchParams } = new URL(tag.src || "x:");

const option = (name: string): string | null => (name in dataset ? dataset[name]! : searchParams.get(name));

/** The number of the pixel. */
export const pixelId = +option("pixel")!;

/** Beside the script itself, so that a site which serves it from a path of its own needs no option. */
export const collectUrl = option("endpoint") || new URL("collect", tag.src);

const consent = option("consent");

/** Consent is taken as given unless refused; else it is `required`, or `none`: nobody is asked, there is never an id. */
export const isImplied = consent == "implied";

/** Global Privacy Control or Do Not Track, which the server may not see: proxies take headers away. */
export const isPrivate = (): boolean =>
  (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl! || (navigator.doNotTrack as unknown) == 1;

/** Nothing that is said can allow an id. */
export const isNever = (): boolean => consent == "none" || isPrivate();

/** Only calls count pageviews. */
export const isManual = option("auto") == "false";

/** Where the address of a page ends; nowhere (none has a space) where fragments make pages of their own. */
export const fragmentMark = option("hash") == null ? "#" : " ";
