/** What the sections of the settings are made of: a card with a title. */

import type { ComponentChildren } from "preact";

type Props = {
  readonly title: string;
  readonly about?: string;
  /** The first of a section has its heading. */
  readonly first?: boolean;
  readonly busy?: boolean;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
};

export function Block({ title, about, first = false, busy = false, aside, children }: Props) {
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
