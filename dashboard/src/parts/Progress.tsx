/** A thin line while an answer is on its way, after a moment: what comes at once needs none. */

import { TEXTS } from "../texts";

export function Progress({ waiting }: { readonly waiting: boolean }) {
  return <div class="progress">{waiting && <div role="progressbar" aria-label={TEXTS.waiting} />}</div>;
}
