/** The sections of the settings: which role each needs, and what shows it. */

import type { FunctionComponent } from "preact";
import type { Role } from "../../rights";
import type { ViewProps } from "../../shell/view";
import type { MANAGE } from "../../texts/manage";
import { Account } from "./Account";
import { AuditList } from "./AuditList";
import { Erasures } from "./Erasures";
import { Keys } from "./Keys";
import { Members } from "./Members";
import { Merges } from "./Merges";
import { PixelList } from "./PixelList";
import { PixelSettings } from "./PixelSettings";
import { Suppressions } from "./Suppressions";

export type SectionName = keyof typeof MANAGE.sections;

type Section = { readonly role: Role; readonly component: FunctionComponent<ViewProps> };

/** In the order of the menu. */
export const SECTIONS: Readonly<Record<SectionName, Section>> = {
  pixel: { role: "VIEWER", component: PixelSettings },
  pixels: { role: "VIEWER", component: PixelList },
  suppressions: { role: "ANALYST", component: Suppressions },
  erasures: { role: "EDITOR", component: Erasures },
  merges: { role: "EDITOR", component: Merges },
  members: { role: "OWNER", component: Members },
  keys: { role: "OWNER", component: Keys },
  audit: { role: "OWNER", component: AuditList },
  account: { role: "VIEWER", component: Account },
};

/** The section of an address: that of the pixel, if there is one and no other is named. */
export function sectionOf({ pixel, path }: ViewProps["address"]): SectionName {
  const found = (Object.keys(SECTIONS) as SectionName[]).find((name) => name === path[1]);
  return found && (found !== "pixel" || pixel !== null) ? found : pixel === null ? "pixels" : "pixel";
}
