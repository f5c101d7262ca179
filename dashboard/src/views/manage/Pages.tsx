/** The links from one page of a list to the next, and back to the first. They are new ones on each: who followed one is above it. */

import { hrefOf, withOption, type Address } from "../../address";
import { SHARED } from "../../texts/shared";

type Props = {
  readonly address: Address;
  readonly next?: string;
  readonly first?: string;
  readonly page: { readonly hasNextPage: boolean; readonly endCursor: string | null } | null;
};

export const Pages = ({ address, page, next = SHARED.older, first = SHARED.latest }: Props) => (
  <p class="pages" key={address.options.after}>
    {address.options.after && (
      <a class="link" href={hrefOf(withOption(address, "after", null))}>
        {first}
      </a>
    )}
    {page?.hasNextPage && (
      <a class="link" href={hrefOf(withOption(address, "after", page.endCursor))}>
        {next}
      </a>
    )}
  </p>
);
