/** Texts that several views share. */

import type { Role } from "../rights";

export const SHARED = {
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
  save: "Save",
  saved: "Saved.",
  add: "Add",
  remove: "Remove",
  undo: "Undo",
  typeName: (name: string) => `Type ${name} to go on`,
  older: "Older",
  latest: "Latest",
  next: "Next",
  first: "Back to the first",
  explore: "Open in the explorer",
  roles: { VIEWER: "Viewer", ANALYST: "Analyst", EDITOR: "Editor", OWNER: "Owner" } as Record<Role, string>,
} as const;
