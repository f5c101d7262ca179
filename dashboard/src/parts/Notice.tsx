/** What went wrong, and what to do: above what was there before, which stays. */

import type { Asked } from "../answer";
import type { Trouble } from "../graphql";
import { TEXTS } from "../texts";

export function Notices({ asked, troubles }: { readonly asked: Asked<unknown>; readonly troubles: readonly (Trouble | null)[] }) {
  const messages = new Set([asked.trouble, ...troubles].flatMap((trouble) => trouble?.message ?? []));
  return (
    <div role="alert">
      {[...messages].map((message) => (
        <p class="notice" key={message}>
          <span>
            {message} {asked.data && asked.trouble ? TEXTS.kept : ""}
          </span>
          <button type="button" class="button" onClick={asked.again}>
            {TEXTS.again}
          </button>
        </p>
      ))}
    </div>
  );
}
