/** A form that changes something: it says that it is busy, what stood in its way, and keeps the focus where it is. */

import type { ComponentChildren } from "preact";
import { useBusy } from "../busy";

type Props = {
  readonly className?: string;
  readonly children: ComponentChildren;
  /** What the button says that does it; left out: nobody may. */
  readonly does?: string;
  /** What it says meanwhile, where that takes a while. */
  readonly doing?: string;
  readonly ready?: boolean;
  readonly trouble: string;
  readonly run: () => unknown;
};

/** The button stands beside the only field. */
export const BESIDE = "form beside";

export function Form({ className = "form", children, does, doing = does, ready = true, trouble, run }: Props) {
  const { busy, once } = useBusy();
  const submit = (event: Event) => {
    event.preventDefault();
    void once(run);
  };
  return (
    <form class={className} aria-busy={busy} onSubmit={submit}>
      {children}
      <p role="alert" class="bad">
        {!busy && trouble}
      </p>
      {does && (
        <button type="submit" class={className === BESIDE ? "button" : "button main"} disabled={!ready}>
          {busy ? doing : does}
        </button>
      )}
    </form>
  );
}
