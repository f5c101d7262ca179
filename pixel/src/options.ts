/** What the tag says: every option is a `data-*` attribute of the script's own element. */

/** The tag. A module has no `currentScript`, hence the second look. */
const tag = (document.currentScript || document.querySelector("script[data-pixel]")) as HTMLScriptElement;

/** Its options; who the visitor is may be among them, where the page was rendered for somebody. */
export const { dataset } = tag;

const { pixel, endpoint, consent, auto, hash } = dataset;

/** The number of the pixel. */
export const pixelId = +pixel!;

/** Beside the script itself, so that a site which serves it from a path of its own needs no option. */
export const collectUrl = endpoint || new URL("collect", tag.src);

/** Consent is taken as given unless it is refused. */
export const isImplied = consent == "implied";

/** Nobody is ever asked: there is never an id, and never an identity. */
export const isNone = consent == "none";

/** Pageviews are counted without being called for. */
export const isAutomatic = auto != "false";

/** Where the address of a page ends; nowhere (none has a space) where fragments make pages of their own. */
export const fragmentMark = hash == null ? "#" : " ";
