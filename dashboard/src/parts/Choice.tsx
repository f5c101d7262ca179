/** What the menus have in common: a link to choose, and the mark of a button that opens one. */

import type { ComponentChildren } from "preact";

type Props = {
  readonly href: string;
  readonly on: boolean;
  readonly close: () => void;
  readonly children: ComponentChildren;
};

export function Choice({ href, on, close, children }: Props) {
  return (
    <li>
      <a href={href} aria-current={on ? "true" : undefined} onClick={close}>
        {children}
      </a>
    </li>
  );
}

export const Arrow = () => (
  <svg class="arrow" viewBox="0 0 10 6" width="10" height="6" aria-hidden="true">
    <path d="M1 1 5 5 9 1" />
  </svg>
);
