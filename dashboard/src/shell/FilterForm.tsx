/** A line of a filter as a form: conditions of which one must match. */

import { useState } from "preact/hooks";
import { FILTERABLE, OPERATORS, type Condition, type Line } from "../filters";
import { TEXTS } from "../texts";

const NEW: Condition = { dimension: "PAGE", operator: "is", values: [] };

type Props = {
  /** Null: a new one. */
  readonly line: Line | null;
  readonly close: () => void;
  readonly put: (line: Line) => void;
};

export function FilterForm({ line, close, put }: Props) {
  const [conditions, setConditions] = useState<Line>(line ?? [NEW]);
  const change = (place: number, ...changed: Condition[]) => setConditions(conditions.toSpliced(place, 1, ...changed));
  const apply = (event: Event) => {
    event.preventDefault();
    put(conditions.map((one) => ({ ...one, values: valuesOf(one.values) })));
    close();
  };
  return (
    <form class="filter-form" onSubmit={apply}>
      {conditions.map((condition, place) => (
        <fieldset key={place}>
          {place > 0 && <legend>{TEXTS.filter.or}</legend>}
          <OneCondition condition={condition} first={place === 0} change={(changed) => change(place, changed)} />
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

type OneProps = { readonly condition: Condition; readonly first: boolean; readonly change: (condition: Condition) => void };

function OneCondition({ condition, first, change }: OneProps) {
  const { dimension, operator, values } = condition;
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
      <label class="values">
        {TEXTS.filter.values}
        <textarea
          rows={Math.max(1, values.length)}
          value={values.join("\n")}
          onInput={(event) => change({ ...condition, values: event.currentTarget.value.split("\n") })}
        />
      </label>
    </>
  );
}

/** The values of the lines; where nothing is written, the empty one. */
function valuesOf(lines: readonly string[]): readonly string[] {
  const written = lines.map((line) => line.trim()).filter((line) => line !== "");
  return written.length ? written : [""];
}

function found<One extends string>(all: readonly [One, ...One[]], text: string): One {
  return all.find((one) => one === text) ?? all[0];
}
