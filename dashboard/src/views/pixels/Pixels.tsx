/** All pixels. Where there is only one, it is shown at once. */

import { useEffect } from "preact/hooks";
import { useAnswer } from "../../answer";
import { go, hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { useShell, type ViewProps } from "../../shell/view";
import { TEXTS } from "../../texts";
import { PixelsDocument } from "./pixels.graphql.ts";

export function Pixels({ address }: ViewProps) {
  const asked = useAnswer(PixelsDocument, {});
  const pixels = asked.data?.pixels.nodes;
  useShell(asked.data);
  const [only] = pixels?.length === 1 ? pixels : [];
  useEffect(() => {
    if (only) go({ ...address, pixel: only.id }, "replace");
  }, [only]);
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={asked.data ? [troubleOf(asked.data.pixels)] : []} />
      <h1>{TEXTS.pixels.title}</h1>
      {pixels?.map(({ id, name, domains }) => (
        <p key={id}>
          <a href={hrefOf({ ...address, pixel: id })}>{name}</a> <span class="soft">{domains.join(", ")}</span>
        </p>
      ))}
    </>
  );
}
