/** The pixels of the app. */

import { useAnswer } from "../../answer";
import { hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { List } from "../../parts/List";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { may } from "../../rights";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { Block } from "./Block";
import { PixelListDocument } from "./manage.graphql.ts";

export function PixelList({ address }: ViewProps) {
  const asked = useAnswer(PixelListDocument, {});
  const { data } = asked;
  useShell(data);
  const { about, make, columns, none, consent } = MANAGE.pixels;
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [troubleOf(data.pixels)] : []} />
      <Block
        first
        title={MANAGE.sections.pixels}
        about={about}
        busy={!data}
        aside={
          may(data?.me.role ?? null, "EDITOR") && (
            <a class="button" href={hrefOf({ ...address, pixel: null, path: ["setup"], options: {} })}>
              {make}
            </a>
          )
        }
      >
        <List
          name={MANAGE.sections.pixels}
          head={[columns.name, columns.domains, columns.kept, columns.consent]}
          none={none}
          rows={
            data?.pixels.nodes?.map(({ id, name, domains, retentionDays, consentMode }) => ({
              id: String(id),
              cells: [
                <a class="undo" href={hrefOf({ ...address, pixel: id, path: ["settings"], options: {} })}>
                  {name}
                </a>,
                domains.join(", "),
                MANAGE.kept(retentionDays),
                consent[consentMode],
              ],
            })) ?? null
          }
        />
      </Block>
    </>
  );
}
