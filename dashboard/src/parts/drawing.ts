/** The drawing of a chart with uPlot. It is a file of its own, which is loaded once there are figures to draw. */

import uPlot from "uplot";

export type Series = {
  readonly labels: readonly string[];
  readonly values: readonly (number | null)[];
  readonly before: readonly (number | null)[] | null;
  /** The last point is not over yet: the line to it is dashed. */
  readonly unfinished: boolean;
  /** Nothing is counted in parts. */
  readonly whole: boolean;
  /** As short as an axis needs it. */
  readonly short: (value: number) => string;
};

export type Drawing = { readonly update: (series: Series) => void; readonly end: () => void };

/** Where the pointer is: the point, and its distance from the left; null where it is nowhere. */
export type Pointed = (point: { readonly index: number; readonly left: number } | null) => void;

const LABEL_WIDTH = 76; // pixels that a label of time needs
const FONT = "12px system-ui, sans-serif";

/** Draw into an element, as large as it is, in the colours of its custom properties. */
export function draw(box: HTMLElement, first: Series, pointed: Pointed): Drawing {
  let series = first;
  const color = (name: string) => getComputedStyle(box).getPropertyValue(name) || "gray";
  const size = () => ({ width: box.clientWidth, height: box.clientHeight });
  const axis = { stroke: () => color("--soft"), font: FONT, ticks: { show: false } };
  const plot = new uPlot(
    {
      ...size(),
      padding: [10, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: { x: { time: false }, y: { range: (_plot, _least, most) => [0, roundUp(most, series.whole)] } },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 30,
          gap: 10, // so that the first label is apart from the zero of the other axis
          splits: (plot) => places(series.labels.length, plot.bbox.width / devicePixelRatio),
          values: (_plot, splits) => splits.map((place) => series.labels[place] ?? ""),
        },
        {
          ...axis,
          size: 46,
          gap: 6,
          grid: { stroke: () => color("--line"), width: 1 },
          splits: (_plot, _axis, _least, most) => [0, most / 4, most / 2, (most * 3) / 4, most],
          values: (_plot, splits) => splits.map(series.short),
        },
      ],
      series: [
        {},
        { stroke: () => color("--accent"), fill: () => color("--bar"), width: 2, points: { show: first.labels.length === 1 } },
        { stroke: () => color("--accent"), fill: () => color("--bar"), width: 2, dash: [3, 4], points: { show: false } },
        { stroke: () => color("--soft"), width: 1.4, dash: [5, 5], points: { show: false } },
      ],
      hooks: {
        setCursor: [
          ({ cursor }) => {
            const [index, left] = [cursor.idx, cursor.left ?? -1];
            pointed(index === null || index === undefined || left < 0 ? null : { index, left });
          },
        ],
      },
    },
    dataOf(series),
    box,
  );
  const resized = new ResizeObserver(() => plot.setSize(size()));
  resized.observe(box);
  const recolored = () => plot.redraw(false);
  const theme = new MutationObserver(recolored);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", recolored);
  return {
    update(next) {
      series = next;
      plot.setData(dataOf(series));
    },
    end() {
      resized.disconnect();
      theme.disconnect();
      system.removeEventListener("change", recolored);
      plot.destroy();
    },
  };
}

/** The line, the dashed rest of it, and the line of the compared range. */
function dataOf({ values, before, unfinished }: Series): uPlot.AlignedData {
  const last = values.length - 1;
  const isRest = (place: number) => unfinished && last > 0 && place >= last - 1;
  return [
    values.map((_, place) => place),
    values.map((value, place) => (isRest(place) && place === last ? null : value)),
    values.map((value, place) => (isRest(place) ? value : null)),
    values.map((_, place) => before?.[place] ?? null),
  ];
}

/** The points that have a label: as many as there is room for, evenly. */
export function places(count: number, width: number): number[] {
  const step = Math.max(1, Math.ceil(count / Math.max(1, Math.floor(width / LABEL_WIDTH))));
  return Array.from({ length: Math.ceil(count / step) }, (_, place) => place * step);
}

/** The top of the axis: four steps of a round size, which is whole where nothing is counted in parts. */
export function roundUp(most: number, whole: boolean): number {
  const step = Math.max(most / 4, whole ? 1 : 0);
  if (!(step > 0)) return 4;
  const power = 10 ** Math.floor(Math.log10(step));
  const sizes = [1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10].map((factor) => factor * power);
  const enough = sizes.find((size) => size >= step * 0.9999 && (!whole || Number.isInteger(size)));
  return (enough ?? 10 * power) * 4;
}
