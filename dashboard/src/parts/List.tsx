/** A list of what there is, a row each. Where it is narrow a row is a card, whose words stand beside their heads. */

import type { ComponentChildren } from "preact";

type Props = {
  readonly name: string;
  /** An empty one is of what can be done. */
  readonly head: readonly string[];
  /** Null: not there yet. The first cell of each names its row. */
  readonly rows: readonly { readonly id: string; readonly cells: readonly ComponentChildren[] }[] | null;
  /** What would be here, and how to get it. */
  readonly none: string;
};

const BLANK = 3; // rows

export function List({ name, head, rows, none }: Props) {
  if (rows?.length === 0) return <p class="empty">{none}</p>;
  return (
    <div class="across" tabIndex={0} role="group" aria-label={name}>
      <table class="list">
        <thead>
          <tr>
            {head.map((text, place) => (
              <th key={place} scope="col">
                {text || <span class="hidden">{name}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows
            ? rows.map(({ id, cells: [first, ...more] }) => (
                <tr key={id}>
                  <th scope="row">{first}</th>
                  {more.map((cell, place) => (
                    <td key={place} data-head={head[place + 1]}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))
            : Array.from({ length: BLANK }, (_, place) => (
                <tr key={place} class="blank" aria-hidden="true">
                  <td colSpan={head.length}>
                    <span class="bar" />
                  </td>
                </tr>
              ))}
        </tbody>
      </table>
    </div>
  );
}
