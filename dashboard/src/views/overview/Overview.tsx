/** The overview of a pixel: its figures, their course, and where visitors came from, went, were and what with. */

import { useEffect, useMemo } from "preact/hooks";
import { useAnswer } from "../../answer";
import { elsewhere, go, hrefOf, withOption } from "../../address";
import { troubleOf } from "../../graphql";
import { METRICS, metricText } from "../../metrics";
import { changeOf, shown } from "../../numbers";
import { intervalsOf } from "../../periods";
import { explorerHref } from "../../explorer";
import { ChangeMark } from "../../parts/ChangeMark";
import { Chart, ChartTable } from "../../parts/Chart";
import { Notices } from "../../parts/Notice";
import { Panel, ROOM } from "../../parts/Panel";
import { Progress } from "../../parts/Progress";
import { useShell, type ViewProps } from "../../shell/view";
import { TEXTS } from "../../texts";
import { behindText, type Behind } from "./behind";
import { OverviewDocument, type OverviewQuery } from "./overview.graphql.ts";
import { chosenInterval, chosenMetric, isUnfinished, panelNames, pointsOf, SHOWN, variablesOf } from "./questions";

const AGAIN_AFTER = 10_000; // milliseconds: a store that has much to load is left to it

export function Overview({ address }: ViewProps) {
  const { pixel } = address;
  const interval = chosenInterval(address);
  // Tabs and orders are those of the moment: when they change, their panels ask alone.
  const variables = useMemo(() => variablesOf(address, ROOM, new Date()), [pixel, hrefOf({ ...address, options: {} }), interval]);
  const asked = useAnswer(OverviewDocument, variables);
  const { data } = asked;
  useShell(data, data?.now.totals?.visitors?.count);
  const isOfNow = !asked.waiting && !asked.trouble; // else the figures are those from before
  const troubles = data ? [data.figures, ...panelNames.map((panel) => data[panel])].map(troubleOf) : [];
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={troubles} />
      {isOfNow && !address.filter.length && data?.figures.totals?.pageviews === 0 && <Silence address={address} />}
      {data && <BehindNotice figures={data.figures} again={asked.again} />}
      <h1 class="hidden">{TEXTS.views.overview}</h1>
      <p class="hidden" role="status">
        {isOfNow && data?.figures.totals && TEXTS.updated(shown(data.figures.totals.visitors?.count, "count"))}
      </p>
      <section class="card" aria-label={TEXTS.views.overview} aria-busy={asked.waiting}>
        <FigureRow address={address} figures={data?.figures ?? null} />
        <Course address={address} figures={data?.figures ?? null} />
      </section>
      <div class="panels">
        {panelNames.map((panel) => (
          <Panel
            key={panel}
            {...{ address, panel }}
            asked={variables[panel]}
            answer={data && asked.of && { to: asked.of[panel], rows: data[panel] }}
          />
        ))}
      </div>
    </>
  );
}

/** What to do where nothing was counted. Visitors of a share can do nothing. */
function Silence({ address }: ViewProps) {
  if (address.share) return null;
  return (
    <p class="notice">
      {TEXTS.noPageviews}
      <a class="button" href={hrefOf(elsewhere(address, "setup"))}>
        {TEXTS.toSetup}
      </a>
    </p>
  );
}

/** As of when the figures are, where that is not now: then they are asked for again. */
function BehindNotice({ figures, again }: { readonly figures: Behind; readonly again: () => void }) {
  const text = behindText(figures);
  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(again, AGAIN_AFTER);
    return () => clearTimeout(timer);
  }, [figures]);
  return (
    text && (
      <p class="notice" role="status">
        {text}
      </p>
    )
  );
}

type FiguresProps = ViewProps & { readonly figures: OverviewQuery["figures"] | null };

function FigureRow({ address, figures }: FiguresProps) {
  const chosen = chosenMetric(address);
  const totals = figures?.totals ?? null;
  const before = figures?.comparisonTotals ?? null;
  return (
    <nav class="figures" aria-label={TEXTS.chart.chart}>
      {SHOWN.map((metric) => {
        const { of, unit, better } = METRICS[metric];
        const value = totals && of(totals);
        return (
          <a
            key={metric}
            class="figure"
            href={hrefOf(withOption(address, "metric", metric === "VISITORS" ? null : metricText(metric)))}
            aria-current={metric === chosen ? "true" : undefined}
          >
            <span class="title">{TEXTS.metrics[metric]}</span>
            <b class={totals ? "" : "blank"}>{totals ? shown(value, unit) : ""}</b>
            <small>
              <ChangeMark change={changeOf(value, before && of(before), unit)} better={better} />{" "}
              <span class="soft">{totals && beside(metric, totals, before)}</span>
            </small>
          </a>
        );
      })}
    </nav>
  );
}

type Totals = NonNullable<OverviewQuery["figures"]["totals"]>;

/** What a figure says beside its change. */
function beside(metric: (typeof SHOWN)[number], totals: Totals, before: Totals | null): string {
  if (metric === "MATCH_RATE") return TEXTS.known(shown(totals.identifiedVisitors, "count"));
  if (metric === "PAGEVIEWS" && totals.sessions) return TEXTS.perVisit(shown((totals.pageviews ?? 0) / totals.sessions, "ratio"));
  if (!before) return "";
  const { of, unit } = METRICS[metric];
  const earlier = of(before) ?? null;
  return earlier === null ? "" : TEXTS.from(shown(earlier, unit));
}

function Course({ address, figures }: FiguresProps) {
  const metric = chosenMetric(address);
  const interval = chosenInterval(address);
  const points = useMemo(() => pointsOf(figures ?? undefined, metric, interval), [figures, metric]);
  const label = TEXTS.chart.label(TEXTS.metrics[metric], TEXTS.chart.by[interval]);
  const compared = address.comparison !== "NONE";
  const asTable = address.options.chart === "table";
  const Shown = asTable ? ChartTable : Chart;
  const intervals = intervalsOf(address.period);
  return (
    <>
      <Shown {...{ metric, label, points, compared }} unfinished={isUnfinished(figures, interval)} />
      <footer class="under-chart">
        <nav class="tabs" aria-label={label}>
          {intervals.map((one) => (
            <a
              key={one}
              href={hrefOf(withOption(address, "by", one === intervals[0] ? null : one.toLowerCase()))}
              aria-current={one === interval ? "true" : undefined}
            >
              {TEXTS.chart.by[one]}
            </a>
          ))}
        </nav>
        <button type="button" class="link" onClick={() => go(withOption(address, "chart", asTable ? null : "table"))}>
          {asTable ? TEXTS.chart.chart : TEXTS.chart.table}
        </button>
        <span class="fill" />
        <a href={explorerHref(OverviewDocument, variablesOf(address, ROOM, new Date()))}>{TEXTS.explore}</a>
      </footer>
    </>
  );
}
