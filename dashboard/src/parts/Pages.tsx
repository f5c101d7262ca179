/** The links from one page of a list to the next, and back to the first. They are new ones on each: who followed one is above it. */

import type { Asked } from "../answer";
import { hrefOf, withOption, type Address } from "../address";
import { TEXTS } from "../texts";

type Props = {
  readonly address: Address;
  /** The question of the list. */
  readonly asked: Asked<unknown>;
  readonly page: { readonly hasNextPage: boolean; readonly endCursor: string | null } | null | undefined;
  readonly next?: string;
  readonly first?: string;
};

/** Until a page is there, what is known to follow is that page itself: nothing leads on. */
export const Pages = ({ address, asked, page, next = TEXTS.older, first = TEXTS.latest }: Props) => (
  <span class="pages" key={address.options.after}>
    {address.options.after && (
      <a class="link" href={hrefOf(withOption(address, "after", null))}>
        {first}
      </a>
    )}
    {page?.hasNextPage && !asked.waiting && (
      <a class="link" href={hrefOf(withOption(address, "after", page.endCursor))}>
        {next}
      </a>
    )}
  </span>
);
