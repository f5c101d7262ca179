/** A line of a filter as a form: conditions of which one must match. */

import { useState } from "preact/hooks";
import type { Address } from "../address";
import { FILTERABLE, OPERATORS, type Line } from "../filters";
import { TEXTS } from "../texts";
import { ValuesField, type Draft } from "./ValuesField";

const NEW: Draft = { dimension: "PAGE", operator: "is", values: [], text: "" };

type Props = {
  readonly address: Address;
  /** Null: a new one. */
  readonly line: Line | null;
  readonly close: () => void;
  readonly put: (line: Line) => void;
};

export function FilterForm({ address, line, close, put }: Props) {
  const [conditions, setConditions] = useState<readonly Draft[]>(line?.map((one) => ({ ...one, values: one.values.filter(Boolean), text: "" })) ?? [NEW]);
  const change = (place: number, ...changed: Draft[]) => setConditions(conditions.toSpliced(place, 1, ...changed));
  const apply = (event: Event) => {
    event.preventDefault();
    put(conditions.map(({ dimension, operator, values, text }) => ({ dimension, operator, values: valuesOf([...values, text]) })));
    close();
  };
  return (
    <form class="filter-form" onSubmit={apply}>
      {conditions.map((condition, place) => (
        <fieldset key={place}>
          {place > 0 && <legend>{TEXTS.filter.or}</legend>}
          <OneCondition address={address} condition={condition} first={place === 0} change={(changed) => change(place, changed)} />
          {conditions.length > 1 && (
            <button type="button" class="link" onClick={() => change(place)}>
              {TEXTS.filter.drop}
            </button>
          )}
        </fieldset>
      ))}
      <p class="soft">{TEXTS.filter.hint}</p>
      <div class="actions">
        <button type="button" class="link" onClick={() => setConditions([...conditions, NEW])}>
          {TEXTS.filter.addOr}
        </button>
        <span class="fill" />
        <button type="submit" class="button main">
          {TEXTS.filter.apply}
        </button>
      </div>
    </form>
  );
}

type OneProps = {
  readonly address: Address;
  readonly condition: Draft;
  readonly first: boolean;
  readonly change: (condition: Draft) => void;
};

function OneCondition({ address, condition, first, change }: OneProps) {
  const { dimension, operator } = condition;
  return (
    <>
      <label>
        {TEXTS.filter.dimension}
        <select
          data-first={first || undefined}
          value={dimension}
          onChange={(event) => change({ ...condition, dimension: found(FILTERABLE, event.currentTarget.value) })}
        >
          {FILTERABLE.map((one) => (
            <option key={one} value={one}>
              {TEXTS.dimensions[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {TEXTS.filter.operator}
        <select value={operator} onChange={(event) => change({ ...condition, operator: found(OPERATORS, event.currentTarget.value) })}>
          {OPERATORS.map((one) => (
            <option key={one} value={one}>
              {TEXTS.operators[one]}
            </option>
          ))}
        </select>
      </label>
      <ValuesField address={address} draft={condition} change={change} />
    </>
  );
}

/** The values that are written; where nothing is, the empty one. */
function valuesOf(given: readonly string[]): readonly string[] {
  const written = [...new Set(given.map((value) => value.trim()))].filter((value) => value !== "");
  return written.length ? written : [""];
}

function found<One extends string>(all: readonly [One, ...One[]], text: string): One {
  return all.find((one) => one === text) ?? all[0];
}
