/** What every view is given, and what it gives the shell. */

import { useContext, useEffect } from "preact/hooks";
import type { Address } from "../address";
import { Session } from "../session";
import type { ShellFragment } from "./shell.graphql.ts";

export type ViewProps = { readonly address: Address };

/** Show around the view what its answer says of who asks, and how many are here. */
export function useShell(data: ShellFragment | null, here?: number | null): void {
  const { learn } = useContext(Session);
  const pixels = data?.pixels.nodes;
  useEffect(() => {
    if (pixels) learn({ pixels });
  }, [pixels]);
  useEffect(() => {
    if (here !== undefined && here !== null) learn({ here });
  }, [data, here]);
}
