/** What happens now: how many are here, where they are, and pageviews as they come. It can be paused. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useAnswer } from "../../answer";
import { explorerHref } from "../../explorer";
import { ask, awayIn, troubleOf, type Trouble } from "../../graphql";
import { subscribe } from "../../live";
import { shown } from "../../numbers";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import type { RowsFragment } from "../../parts/report.graphql.ts";
import { useShell, type ViewProps } from "../../shell/view";
import { nameOf, valueOf, type TableName } from "../../tables";
import { TEXTS } from "../../texts";
import { NOW } from "../../texts/now";
import { timeText } from "../../times";
import { Happening } from "./Happening";
import { HappensDocument, NowFiguresDocument, NowViewDocument, type HappeningFragment, type NowFiguresQuery } from "./now_view.graphql.ts";
import { figuresOf, joined, variablesOf } from "./questions";

const EVERY = 5_000; // milliseconds
const AT_ONCE = 400; // milliseconds: many pageviews are shown together

export function NowView({ address }: ViewProps) {
  const pixel = address.pixel ?? 0;
  const variables = useMemo(() => variablesOf(pixel, new Date()), [pixel]);
  const asked = useAnswer(NowViewDocument, variables);
  const { data } = asked;
  useShell(data);
  const [paused, setPaused] = useState(false);
  const { figures, trouble } = useFigures(data, pixel, address.app, paused);
  const refused = data && troubleOf(data.latest);
  const { list, waiting } = useHappening(data?.latest.nodes ?? null, pixel, address.app, paused);
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={{ ...asked, trouble: asked.trouble ?? trouble }} troubles={figures ? [troubleOf(figures.here)] : []} />
      <section class="card now-here" aria-label={NOW.title} aria-busy={asked.waiting}>
        <Here figures={figures} paused={paused} />
        <Course minutes={figures?.minutes ?? null} />
      </section>
      <div class="panels thirds">
        <Where table="pages" rows={figures?.pages ?? null} />
        <Where table="sources" rows={figures?.sources ?? null} />
        <Where table="countries" rows={figures?.countries ?? null} />
      </div>
      <Happening {...{ address, list, waiting, paused, refused }} toggle={() => setPaused(!paused)} />
      <p class="explore">
        <a class="link" href={explorerHref(NowViewDocument, variables)}>
          {TEXTS.explore}
        </a>
      </p>
    </>
  );
}

type Figures = { readonly figures: NowFiguresQuery | null; readonly trouble: Trouble | null };

/** The figures, asked again while somebody looks and it is not paused. The last ones stay while they cannot be read. */
function useFigures(first: NowFiguresQuery | null, pixel: number, app: string | null, paused: boolean): Figures {
  const [figures, setFigures] = useState<NowFiguresQuery | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const there = first !== null;
  useEffect(() => {
    setFigures(null);
    setTrouble(null);
  }, [first]);
  useEffect(() => {
    if (paused || !there) return;
    const look = async () => {
      if (document.hidden) return;
      const answer = await ask(NowFiguresDocument, figuresOf(pixel, new Date()), { app });
      setTrouble("trouble" in answer ? answer.trouble : awayIn(answer.data));
      if ("data" in answer && answer.data.here.code === 200) setFigures(answer.data);
    };
    const timer = setInterval(look, EVERY);
    return () => clearInterval(timer);
  }, [pixel, app, paused, there]);
  return { figures: figures ?? first, trouble };
}

type Happened = {
  /** Null: not there yet. */
  readonly list: readonly HappeningFragment[] | null;
  /** How many came while it was paused. */
  readonly waiting: number;
};

function useHappening(first: readonly HappeningFragment[] | null, pixel: number, app: string | null, paused: boolean): Happened {
  const [recent, setRecent] = useState<readonly HappeningFragment[]>([]);
  const [held, setHeld] = useState<readonly HappeningFragment[]>([]);
  const isPaused = useRef(paused);
  isPaused.current = paused;
  const there = first !== null;
  useEffect(() => {
    if (paused) return;
    setRecent((before) => joined(held, before));
    setHeld([]);
  }, [paused]);
  useEffect(() => {
    if (!there) return;
    let came: HappeningFragment[] = [];
    const end = subscribe(HappensDocument, { pixelIds: [pixel] }, app, (data) => came.unshift(data.pageviewRecorded));
    const timer = setInterval(() => {
      if (!came.length) return;
      const all = came;
      came = [];
      if (isPaused.current) setHeld((before) => [...all, ...before]);
      else setRecent((before) => joined(all, before));
    }, AT_ONCE);
    return () => {
      end();
      clearInterval(timer);
    };
  }, [pixel, app, there]);
  return { list: first && joined(recent, first), waiting: held.length };
}

function Here({ figures, paused }: { readonly figures: NowFiguresQuery | null; readonly paused: boolean }) {
  const totals = figures?.here.totals;
  const count = totals?.visitors?.count;
  return (
    <h1 class="here" aria-live={paused ? "off" : "polite"}>
      <b class={figures ? "" : "blank"}>{figures ? shown(count, "count") : ""}</b>
      <span>
        {NOW.here(count === 1)}
        <small class="soft">{totals ? NOW.known(shown(totals.identifiedVisitors, "count")) : ""}</small>
      </span>
    </h1>
  );
}

/** Pageviews of each minute: bars, and the same as a table. */
function Course({ minutes }: { readonly minutes: NowFiguresQuery["minutes"] | null }) {
  const rows = minutes?.rows ?? [];
  const most = Math.max(1, ...rows.map(({ pageviews }) => pageviews ?? 0));
  return (
    <div class="course">
      <p class="soft">
        {NOW.course}, {NOW.courseText}
      </p>
      <div class="bars" aria-hidden="true">
        {rows.map(({ time, pageviews }) => (
          <i key={time} style={{ blockSize: `${((pageviews ?? 0) / most) * 100}%` }} title={`${timeText(time ?? "", "time")}: ${pageviews}`} />
        ))}
      </div>
      <details>
        <summary class="link">{NOW.table}</summary>
        <div class="scrolling" tabIndex={0} role="region" aria-label={NOW.course}>
          <table class="figures-table">
            <thead>
              <tr>
                <th scope="col">{NOW.minute}</th>
                <th scope="col">{NOW.pageviews}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ time, pageviews }) => (
                <tr key={time}>
                  <th scope="row">{timeText(time ?? "", "time")}</th>
                  <td>{shown(pageviews, "count")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

type WhereProps = { readonly table: Extract<TableName, keyof typeof NOW.where>; readonly rows: RowsFragment | null };

function Where({ table, rows: answer }: WhereProps) {
  const rows = answer?.rows ?? [];
  const most = Math.max(1, ...rows.map((row) => row.visitors?.count ?? 0));
  return (
    <section class="card panel" aria-label={NOW.where[table]}>
      <header>
        <h2>{NOW.where[table]}</h2>
      </header>
      <div class="rows few">
        {answer && !rows.length ? (
          <p class="empty">{NOW.nobody}</p>
        ) : (
          <table class="figures-table">
            <thead>
              <tr>
                <th scope="col">{TEXTS.dimensions[DIMENSIONS[table]]}</th>
                <th scope="col">{NOW.visitors}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={valueOf(table, row)}>
                  <th scope="row">
                    <span class="bar" style={{ inlineSize: `${((row.visitors?.count ?? 0) / most) * 100}%` }} />
                    <span class="name">{whereName(table, valueOf(table, row))}</span>
                  </th>
                  <td>{shown(row.visitors?.count, "count")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

const DIMENSIONS = { pages: "PAGE", sources: "SOURCE", countries: "COUNTRY" } as const;

/** A visit without a source came directly. */
const whereName = (table: WhereProps["table"], value: string) =>
  table === "sources" && value === "" ? TEXTS.channels.DIRECT : nameOf(table, value);
