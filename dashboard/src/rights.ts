/** What a role may do, as the API has it: what somebody may not do is not offered. The API checks it again. */

export const ROLES = ["VIEWER", "ANALYST", "EDITOR", "OWNER"] as const;
export type Role = (typeof ROLES)[number];

/** Whether a role includes another. Who has no role is the app itself, which may do everything. */
export function may(role: Role | null, needed: Role): boolean {
  return role === null || ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
