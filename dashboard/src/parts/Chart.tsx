/** A chart over time, and the same figures as a table: one press of a button away. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Drawing, Series } from "./drawing";
import { changeOf, shortly, shown } from "../numbers";
import { METRICS, type MetricName } from "../metrics";
import { TEXTS } from "../texts";
import { ChangeMark } from "./ChangeMark";

export type Point = {
  /** As short as an axis needs it, and as long as a person wants it. */
  readonly label: string;
  readonly time: string;
  readonly value: number | null;
  readonly before: number | null;
};

type Props = {
  readonly metric: MetricName;
  readonly label: string;
  /** Null: not there yet. */
  readonly points: readonly Point[] | null;
  readonly compared: boolean;
  readonly unfinished: boolean;
};

export function Chart({ metric, label, points, compared, unfinished }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const [at, setAt] = useState<{ index: number; left: number } | null>(null);
  const [broken, setBroken] = useState(false);
  const series = points && seriesOf(points, metric, compared, unfinished);
  const latest = useRef(series);
  latest.current = series;
  const there = points !== null;
  useEffect(() => {
    if (!there) return;
    let gone = false;
    import("./drawing").then(
      ({ draw }) => {
        if (!gone && box.current && latest.current) drawing.current = draw(box.current, latest.current, setAt);
      },
      () => setBroken(true),
    );
    return () => {
      gone = true;
      drawing.current?.end();
      drawing.current = null;
    };
  }, [there]);
  useEffect(() => {
    if (series) drawing.current?.update(series);
  }, [points, metric, compared, unfinished]);
  const pointed = at && points?.[at.index];
  return (
    <div class="chart">
      <div class="plot" ref={box} role="img" aria-label={label} />
      {broken && <p class="empty">{TEXTS.chart.broken}</p>}
      {pointed && <Pointed point={pointed} metric={metric} left={at.left} half={at.index > (points?.length ?? 0) / 2} />}
    </div>
  );
}

type PointedProps = { readonly point: Point; readonly metric: MetricName; readonly left: number; readonly half: boolean };

function Pointed({ point, metric, left, half }: PointedProps) {
  const { unit, better } = METRICS[metric];
  return (
    <div class={half ? "tip before" : "tip"} style={{ insetInlineStart: `${left + 46}px` }} aria-hidden="true">
      <span class="soft">{point.time}</span>
      <b>{shown(point.value, unit)}</b>
      <span>
        <ChangeMark change={changeOf(point.value, point.before, unit)} better={better} />
        {point.before !== null && <span class="soft"> {TEXTS.from(shown(point.before, unit))}</span>}
      </span>
    </div>
  );
}

function seriesOf(points: readonly Point[], metric: MetricName, compared: boolean, unfinished: boolean): Series {
  const { unit } = METRICS[metric];
  return {
    labels: points.map((point) => point.label),
    values: points.map((point) => point.value),
    before: compared ? points.map((point) => point.before) : null,
    unfinished,
    whole: unit === "count",
    short: (value) => shortly(value, unit),
  };
}

/** The figures behind the chart. */
export function ChartTable({ metric, label, points, compared }: Omit<Props, "unfinished">) {
  const { unit, better } = METRICS[metric];
  return (
    <div class="chart scrolling" tabIndex={0} role="region" aria-label={label}>
      <table class="figures-table">
        <caption class="hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{TEXTS.chart.time}</th>
            <th scope="col">{TEXTS.metrics[metric]}</th>
            {compared && <th scope="col">{TEXTS.chart.before}</th>}
            {compared && <th scope="col">{TEXTS.change}</th>}
          </tr>
        </thead>
        <tbody>
          {points?.map((point) => (
            <tr key={point.time}>
              <th scope="row">{point.time}</th>
              <td>{shown(point.value, unit)}</td>
              {compared && <td>{shown(point.before, unit)}</td>}
              {compared && (
                <td>
                  <ChangeMark change={changeOf(point.value, point.before, unit)} better={better} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
