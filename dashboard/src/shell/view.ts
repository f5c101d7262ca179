/** What every view is given, and what it gives the shell. */

import { useContext, useEffect } from "preact/hooks";
import type { Address } from "../address";
import { Session, type Known } from "../session";
import type { ShellFragment } from "./shell.graphql.ts";

export type ViewProps = { readonly address: Address };

/** Show around the view what its answer says of who asks, and how many are here. */
export function useShell(data: ShellFragment | null, here?: number | null): void {
  const { learn } = useContext(Session);
  useEffect(() => {
    if (data) learn(knownOf(data));
  }, [data]);
  useEffect(() => {
    if (here !== undefined && here !== null) learn({ here });
  }, [data, here]);
}

function knownOf({ me, pixels }: ShellFragment): Partial<Known> {
  const who = { apps: me.apps ?? [], email: me.member?.email ?? null, role: me.role, isMember: me.kind === "MEMBER", notices: me.notices ?? [] };
  return pixels.nodes ? { ...who, pixels: pixels.nodes } : who;
}
