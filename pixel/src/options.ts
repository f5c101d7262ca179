/** What the tag says: every option is a `data-*` attribute of the script's own element. */

/** The tag. A module has no `currentScript`, hence the second look. */
const tag = (document.currentScript || document.querySelector("[data-pixel]")) as HTMLScriptElement;

/** Its options; who the visitor is may be among them, where the page was rendered for somebody. */
export const dataset = tag.dataset;

/** The number of the pixel. */
export const pixelId = +dataset.pixel!;

/** Beside the script itself, so that a site which serves it from a path of its own needs no option. */
export const collectUrl = dataset.endpoint || new URL("collect", tag.src);

/** Consent is taken as given unless refused; else it is `required`, or `none`: nobody is asked, there is never an id. */
export const isImplied = dataset.consent == "implied";

/** Nothing that is said can allow an id: neither Global Privacy Control nor Do Not Track is overruled. */
export const isNever = (): boolean =>
  dataset.consent == "none" ||
  (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl! ||
  (navigator.doNotTrack as unknown) == 1;

/** Only calls count pageviews. */
export const isManual = dataset.auto == "false";

/** Where the address of a page ends; nowhere (none has a space) where fragments make pages of their own. */
export const fragmentMark = dataset.hash == null ? "#" : " ";
