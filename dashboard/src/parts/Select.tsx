/** A choice of one from a list, with its label, and what helps to choose. */

import { Field } from "./Field";

type Props<Value> = {
  readonly label: string;
  readonly hint?: string;
  readonly disabled?: boolean;
  readonly value: Value;
  /** Each with its text. */
  readonly options: readonly (readonly [Value, string])[];
  readonly change: (value: Value) => void;
};

export function Select<Value extends string | number>({ label, hint, options, change, ...rest }: Props<Value>) {
  return (
    <Field label={label} hint={hint}>
      {(props) => (
        <select {...rest} {...props} onChange={(event) => change(options[event.currentTarget.selectedIndex]![0])}>
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
