/** A line to type into, with its label, and what helps to fill it. `Field` is for what is no line. */

import { Field } from "./Field";

type Props = {
  readonly label: string;
  readonly hint?: string;
  readonly type?: "date" | "email" | "number" | "password" | "text" | "url";
  readonly autocomplete?: "current-password" | "new-password" | "off" | "one-time-code" | "username";
  readonly inputMode?: "url";
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly placeholder?: string;
  readonly spellcheck?: boolean;
  readonly value: string;
  readonly change: (value: string) => void;
};

export function Input({ label, hint, type = "text", change, ...rest }: Props) {
  // Preact's types know each type of an input for itself, none of which is all that may stand here.
  const one = type as "text";
  return (
    <Field label={label} hint={hint}>
      {(props) => <input {...rest} {...props} type={one} onInput={(event) => change(event.currentTarget.value)} />}
    </Field>
  );
}
