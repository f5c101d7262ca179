/** The settings: a section at a time, beside the list of those that this role may open. */

import { useContext } from "preact/hooks";
import { hrefOf } from "../../address";
import { may } from "../../rights";
import { Session } from "../../session";
import type { ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { TEXTS } from "../../texts";
import { SECTIONS, sectionOf, type SectionName } from "./sections";

export function Settings({ address }: ViewProps) {
  const { role } = useContext(Session);
  const open = sectionOf(address);
  const { component: Section, role: needed } = SECTIONS[open];
  const shown = (Object.keys(SECTIONS) as SectionName[]).filter(
    (name) => may(role, SECTIONS[name].role) && (name !== "pixel" || address.pixel !== null),
  );
  return (
    <div class="settings">
      <nav class="sections" aria-label={MANAGE.title}>
        {shown.map((name) => (
          <a
            key={name}
            href={hrefOf({ ...address, path: name === "pixel" ? ["settings"] : ["settings", name], options: {} })}
            aria-current={name === open ? "page" : undefined}
          >
            {MANAGE.sections[name]}
          </a>
        ))}
      </nav>
      <div class="stack">
        {may(role, needed) ? (
          <Section address={address} />
        ) : (
          <p class="card message">{MANAGE.notForRole(MANAGE.sections[open], TEXTS.roles[needed])}</p>
        )}
      </div>
    </div>
  );
}
