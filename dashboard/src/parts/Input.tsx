/** A line to type into, with its label. `Field` is for what has a hint, or is no line. */

type Props = {
  readonly label: string;
  readonly type?: "email" | "password" | "text";
  readonly autocomplete: "current-password" | "off" | "one-time-code" | "username";
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly spellcheck?: boolean;
  readonly value: string;
  readonly change: (value: string) => void;
};

export function Input({ label, type = "text", change, ...rest }: Props) {
  // Preact's types know each type of an input for itself, none of which is all that may stand here.
  const one = type as "text";
  return (
    <label>
      {label}
      <input {...rest} type={one} onInput={(event) => change(event.currentTarget.value)} />
    </label>
  );
}
