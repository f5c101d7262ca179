/** A field of a form with its label, and what helps to fill it. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

type Props = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly children: (props: { id: string; "aria-describedby"?: string }) => ComponentChildren;
};

export function Field({ label, hint, children }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(hint ? { id, "aria-describedby": `${id}-hint` } : { id })}
      {hint && (
        <small id={`${id}-hint`} class="soft">
          {hint}
        </small>
      )}
    </div>
  );
}
