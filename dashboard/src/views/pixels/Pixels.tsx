/** All pixels, each with its figures. Where there is only one, it is shown at once. */

import { useEffect } from "preact/hooks";
import { useAnswer } from "../../answer";
import { go, hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { METRICS } from "../../metrics";
import { changeOf } from "../../numbers";
import { ChangeMark } from "../../parts/ChangeMark";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { Spark } from "../../parts/Spark";
import { useShell, type ViewProps } from "../../shell/view";
import { TEXTS } from "../../texts";
import { PixelsDocument } from "./pixels.graphql.ts";
import { figureText, linesOf, SHOWN, variablesOf, type PixelLine } from "./questions";

export function Pixels({ address }: ViewProps) {
  const asked = useAnswer(PixelsDocument, variablesOf(address));
  const { data } = asked;
  useShell(data);
  const pixels = data?.pixels.nodes;
  const [only] = pixels?.length === 1 ? pixels : [];
  const isEmpty = pixels?.length === 0;
  useEffect(() => {
    if (only) go({ ...address, pixel: only.id }, "replace");
    if (isEmpty) go({ ...address, path: ["setup"] }, "replace");
  }, [only, isEmpty]);
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data && pixels?.length ? [data.pixels, data.figures].map(troubleOf) : []} />
      <List address={address} lines={data && !isEmpty ? linesOf(data) : null} />
    </>
  );
}

function List({ address, lines }: ViewProps & { readonly lines: readonly PixelLine[] | null }) {
  const compared = address.comparison !== "NONE";
  return (
    <section class="card panel all-pixels" aria-busy={!lines}>
      <header>
        <h1>{TEXTS.pixels.title}</h1>
      </header>
      <table class="figures-table">
        <thead>
          <tr>
            <th scope="col">{TEXTS.pixels.pixel}</th>
            <th scope="col" class="wide" aria-hidden="true" />
            {SHOWN.map((metric) => (
              <th key={metric} scope="col">
                {TEXTS.shortMetrics[metric]}
              </th>
            ))}
            {compared && <th scope="col">{TEXTS.change}</th>}
          </tr>
        </thead>
        <tbody>{lines?.map((line) => <Line key={line.id} {...{ address, line, compared }} />) ?? <Blanks />}</tbody>
      </table>
    </section>
  );
}

function Line({ address, line, compared }: ViewProps & { readonly line: PixelLine; readonly compared: boolean }) {
  const { figures } = line;
  const [first] = SHOWN;
  const { of, unit, better } = METRICS[first];
  return (
    <tr>
      <th scope="row">
        <a class="name" href={hrefOf({ ...address, pixel: line.id })}>
          <b>{line.name}</b> <span class="soft">{line.domains.join(", ")}</span>
        </a>
      </th>
      <td class="wide">
        <Spark values={line.course} />
      </td>
      {SHOWN.map((metric) => (
        <td key={metric}>{figureText(figures, metric)}</td>
      ))}
      {compared && (
        <td>
          <ChangeMark change={figures ? changeOf(of(figures), figures.comparison && of(figures.comparison), unit) : null} better={better} />
        </td>
      )}
    </tr>
  );
}

const Blanks = () => (
  <>
    {[0, 1, 2].map((place) => (
      <tr key={place} class="blank" aria-hidden="true">
        <th scope="row">
          <span class="bar" />
        </th>
      </tr>
    ))}
  </>
);
