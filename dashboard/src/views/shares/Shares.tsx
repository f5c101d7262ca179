/** The shares of a pixel: made, copied and revoked. */

import { useAnswer } from "../../answer";
import { troubleOf } from "../../graphql";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { may } from "../../rights";
import { useShell, type ViewProps } from "../../shell/view";
import { SHARES } from "../../texts/shares";
import { NewShare } from "./NewShare";
import { ShareList } from "./ShareList";
import { SharesDocument } from "./shares.graphql.ts";

export function Shares({ address }: ViewProps) {
  const asked = useAnswer(SharesDocument, { pixelId: address.pixel ?? 0 });
  useShell(asked.data);
  const shares = asked.data?.shares ?? null;
  const isRefused = shares !== null && shares.code !== 200;
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={shares ? [troubleOf(shares)] : []} />
      {!isRefused && (
        <>
          <section class="card shares">
            <h1>{SHARES.title}</h1>
            <NewShare address={address} isOwner={asked.data && may(asked.data.me.role, "OWNER")} made={asked.again} />
          </section>
          <section class="card shares" aria-busy={shares === null}>
            <ShareList shares={shares?.nodes ?? null} revoked={asked.again} />
          </section>
        </>
      )}
    </>
  );
}
