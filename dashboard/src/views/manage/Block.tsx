/** What the sections of the settings are made of: a card with a title, and a list. */

import type { ComponentChildren } from "preact";

type BlockProps = {
  readonly title: string;
  readonly about?: string;
  /** The first of a section has its heading. */
  readonly first?: boolean;
  readonly busy?: boolean;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
};

export function Block({ title, about, first = false, busy = false, aside, children }: BlockProps) {
  const Title = first ? "h1" : "h2";
  return (
    <section class="card block" aria-label={title} aria-busy={busy}>
      <header>
        <Title>{title}</Title>
        {aside}
      </header>
      {about && <p class="soft">{about}</p>}
      {children}
    </section>
  );
}

type ListProps = {
  readonly name: string;
  readonly head: readonly string[];
  /** Null: not there yet. The first cell of each names its row. */
  readonly rows: readonly { readonly id: string; readonly cells: readonly ComponentChildren[] }[] | null;
  /** What would be here, and how to get it. */
  readonly none: string;
};

const BLANK = 3; // rows

export function List({ name, head, rows, none }: ListProps) {
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
                    <td key={place}>{cell}</td>
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
