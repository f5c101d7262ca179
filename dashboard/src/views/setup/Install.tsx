/** The tag to paste, and the wait for the first pageview. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { useAnswer } from "../../answer";
import { elsewhere, hrefOf, withOption } from "../../address";
import { ask, troubleOf } from "../../graphql";
import { Copied } from "../../parts/Copied";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { useShell, type ViewProps } from "../../shell/view";
import { SETUP } from "../../texts/setup";
import { Check } from "./Check";
import { countedPage, latestOf } from "./questions";
import { FirstPageviewDocument, SetupPixelDocument, type SetupPixelQuery } from "./setup.graphql.ts";
import { Steps } from "./Steps";
import { tagOf, WAYS, wayOf } from "./tags";

const EVERY = 2_000; // milliseconds

export function Install({ address, pixel: id }: ViewProps & { readonly pixel: number }) {
  const variables = useMemo(() => ({ id, latest: latestOf(id, new Date()) }), [id]);
  const asked = useAnswer(SetupPixelDocument, variables);
  const { data } = asked;
  useShell(data);
  const pixel = data?.pixel.pixel ?? null;
  const page = useFirstPage(data, id, address.app);
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [data.pixel, data.latest].map(troubleOf) : []} />
      <section class="card setup" aria-busy={!data}>
        <Steps at={page === null ? "paste" : "wait"} />
        <h1>{SETUP.paste.title}</h1>
        <Tag address={address} pixel={pixel} />
      </section>
      {pixel && (page === null ? <Wait pixel={pixel} /> : <Done address={address} page={page} />)}
    </>
  );
}

/** The first page that was counted; null as long as there is none. */
function useFirstPage(data: SetupPixelQuery | null, id: number, app: string | null): string | null {
  const [page, setPage] = useState<string | null>(null);
  const first = data && countedPage(data.latest);
  const waits = data !== null && first === null && page === null;
  useEffect(() => {
    if (!waits) return;
    const look = async () => {
      if (document.hidden) return;
      const answer = await ask(FirstPageviewDocument, { latest: latestOf(id, new Date()) }, { app });
      if ("data" in answer) setPage(countedPage(answer.data.latest));
    };
    const timer = setInterval(look, EVERY);
    return () => clearInterval(timer);
  }, [waits, id, app]);
  return page ?? first;
}

type Pixel = NonNullable<SetupPixelQuery["pixel"]["pixel"]>;

function Tag({ address, pixel }: ViewProps & { readonly pixel: Pixel | null }) {
  const way = wayOf(address.options.how);
  return (
    <>
      <nav class="tabs" aria-label={SETUP.tabs}>
        {WAYS.map((one) => (
          <a key={one} href={hrefOf(withOption(address, "how", one === "html" ? null : one))} aria-current={one === way ? "true" : undefined}>
            {SETUP.paste.ways[one]}
          </a>
        ))}
      </nav>
      <p>{SETUP.paste[way]}</p>
      <Copied key={way} text={pixel ? tagOf(way, pixel, location.href) : " "} name={SETUP.paste.name} />
      {way !== "curl" && <p class="soft">{SETUP.paste.changed}</p>}
    </>
  );
}

function Wait({ pixel }: { readonly pixel: Pixel }) {
  const { wait } = SETUP;
  return (
    <section class="card setup">
      <h2 class="waiting">
        <span class="dot beat" aria-hidden="true" /> {wait.title}
      </h2>
      <p>{wait.text}</p>
      <h3>{wait.wrong}</h3>
      <p class="soft">{wait.wrongText}</p>
      <Check pixel={pixel} />
    </section>
  );
}

function Done({ address, page }: ViewProps & { readonly page: string }) {
  const { done } = SETUP;
  return (
    <section class="card setup" role="status">
      <h2 class="waiting">
        <span class="dot" aria-hidden="true" /> {done.title}
      </h2>
      <p>{page}</p>
      <p class="buttons">
        <a class="button main" href={hrefOf(elsewhere(address))}>
          {done.overview}
        </a>
        <a class="button" href={hrefOf(elsewhere(address, "now"))}>
          {done.now}
        </a>
      </p>
    </section>
  );
}
