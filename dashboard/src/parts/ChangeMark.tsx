/** A change against the compared range: its sign and an arrow say the direction, the colour whether that is good. */

import type { Change } from "../numbers";

export function ChangeMark({ change, better }: { readonly change: Change | null; readonly better: 1 | -1 }) {
  if (!change) return null;
  const tone = change.direction === 0 ? "soft" : change.direction === better ? "good" : "bad";
  return <span class={`change ${tone}`}>{change.text}</span>;
}
