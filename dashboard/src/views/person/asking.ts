/** What the page of a person asks about before it is done. */

export type Asking =
  | { readonly what: "unlink"; readonly visitorId: string }
  | { readonly what: "relink"; readonly id: string }
  | { readonly what: "unmerge"; readonly id: string }
  | { readonly what: "merge" | "suppress" | "unsuppress" | "forget" };
