/** Who did something, from the audit list. */

import { MANAGE } from "../../texts/manage";
import type { AuditQuery, DoneFragment } from "./manage.graphql.ts";

type Members = AuditQuery["members"]["nodes"];

/** Who did it: a member by their email, as long as they are one. */
export function doneBy({ by, byId }: DoneFragment, members: Members): string {
  const email = by === "MEMBER" ? members?.find(({ id }) => id === byId)?.email : null;
  return email ?? [MANAGE.audit.by[by] ?? by, by === "COMMAND" || by === "SECRET" ? null : byId].filter(Boolean).join(" ");
}
