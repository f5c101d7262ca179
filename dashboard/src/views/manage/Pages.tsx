/** The links from one page of a list to the next: older entries, and back to the latest. */

import { hrefOf, withOption, type Address } from "../../address";
import { SHARED } from "../../texts/shared";

type Props = {
  readonly address: Address;
  readonly page: { readonly hasNextPage: boolean; readonly endCursor: string | null } | null;
};

export const Pages = ({ address, page }: Props) => (
  <p class="pages">
    {address.options.after && (
      <a class="link" href={hrefOf(withOption(address, "after", null))}>
        {SHARED.latest}
      </a>
    )}
    {page?.hasNextPage && (
      <a class="link" href={hrefOf(withOption(address, "after", page.endCursor))}>
        {SHARED.older}
      </a>
    )}
  </p>
);
