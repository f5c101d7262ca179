/** The filters of a view, as lines that must all match; each can be changed and removed. */

import type { ComponentChildren } from "preact";
import { go, type Address } from "../address";
import type { Condition, Line } from "../filters";
import { Menu } from "../parts/Menu";
import { TEXTS } from "../texts";
import { FilterForm } from "./FilterForm";
import { valueName } from "./suggestions";

type Props = {
  readonly address: Address;
  readonly adding: number;
  /** What stands at the end of the line. */
  readonly children: ComponentChildren;
};

export function Filters({ address, adding, children }: Props) {
  const { filter } = address;
  const put = (place: number, line: Line | null) =>
    go({ ...address, filter: filter.toSpliced(place, 1, ...(line?.length ? [line] : [])) });
  return (
    <section class="filters" aria-label={TEXTS.filter.name}>
      {filter.map((line, place) => (
        <span class="chip" key={place}>
          <Menu label={<Told line={line} />} name={TEXTS.filter.change(lineWords(line))} className="told">
            {(close) => <FilterForm line={line} {...{ address, close }} put={(changed) => put(place, changed)} />}
          </Menu>
          <button type="button" aria-label={TEXTS.filter.remove(lineWords(line))} onClick={() => put(place, null)}>
            ×
          </button>
        </span>
      ))}
      <Menu label={<>+ {TEXTS.filter.add}</>} name={TEXTS.filter.add} className="chip add" opened={adding}>
        {(close) => <FilterForm line={null} {...{ address, close }} put={(line) => put(filter.length, line)} />}
      </Menu>
      {filter.length > 1 && (
        <button type="button" class="link" onClick={() => go({ ...address, filter: [] })}>
          {TEXTS.filter.clear}
        </button>
      )}
      {children}
    </section>
  );
}

function Told({ line }: { readonly line: Line }) {
  return (
    <>
      {line.map((condition, place) => (
        <span key={place}>
          {place > 0 && <i> {TEXTS.filter.or} </i>}
          <span class="soft">
            {TEXTS.dimensions[condition.dimension as keyof typeof TEXTS.dimensions]} {TEXTS.operators[condition.operator]}
          </span>{" "}
          {valuesOf(condition)}
        </span>
      ))}
    </>
  );
}

export const lineWords = (line: Line) => line.map(conditionWords).join(` ${TEXTS.filter.or} `);

const conditionWords = (condition: Condition) =>
  `${TEXTS.dimensions[condition.dimension as keyof typeof TEXTS.dimensions]} ${TEXTS.operators[condition.operator]} ${valuesOf(condition)}`;

/** Values as the tables name them. */
function valuesOf({ dimension, values }: Condition): string {
  return values.map((value) => (value === "" ? TEXTS.filter.nothing : valueName(dimension, value))).join(", ");
}
