/** The map of countries, shaded by a figure. It is a file of its own, which is loaded once its place is seen. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { go, withOption } from "../../address";
import { METRICS } from "../../metrics";
import { changeOf, shown } from "../../numbers";
import { nameOf } from "../../tables";
import { TEXTS } from "../../texts";
import { MAP } from "../../texts/map";
import { ChangeMark } from "../ChangeMark";
import type { MapProps } from "../CountryMap";
import { isDot, marksOf, placeAfter, type Mark } from "./marks";
import { isIn, SECTIONS, sectionNamed, sectionOf, viewBoxOf } from "./sections";
import { SHAPES } from "./shapes";
import { colourAt, colourOf, stepsOf, stepText } from "./steps";

/** The country that is pointed at or has the focus, and where on the map its figure is shown. */
type Pointed = { readonly code: string; readonly left: number; readonly top: number; readonly box: DOMRect };

export function WorldMap({ address, rows, metric }: MapProps) {
  const { unit } = METRICS[metric];
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [chosen, setChosen] = useState("");
  const name = sectionNamed(address.options.map);
  const section = useMemo(() => sectionOf(name), [name]);
  const all = useMemo(() => marksOf(address, rows ?? [], metric), [address, rows, metric]);
  // Nobody should reach by Tab what is not shown.
  const marks = useMemo(() => all.filter(({ code }) => isIn(section, code)), [all, section]);
  const values = all.map(({ value }) => value);
  const steps = stepsOf(values, unit);
  // One country is reached by Tab, the others from there.
  const reached = marks.some(({ code }) => code === chosen) ? chosen : marks[0]?.code;
  const shapes = useMemo(() => <Shapes {...{ marks, steps, reached }} />, [marks, reached]);
  useEffect(() => setPointed(null), [rows, name]);

  const point = (event: PointerEvent) => setPointed(pointedAt(event.currentTarget, event.target, event));
  const leave = (event: PointerEvent) => event.pointerType === "mouse" && setPointed(null);
  const press = (event: KeyboardEvent) => {
    if (!(event.currentTarget instanceof Element) || event.altKey || event.ctrlKey || event.metaKey) return;
    const links = [...event.currentTarget.querySelectorAll("a")];
    const next = links[placeAfter(event.key, links.findIndex((link) => link === document.activeElement), links.length) ?? -1];
    if (!next) return;
    event.preventDefault(); // or the page scrolls
    setChosen(next.dataset.code ?? "");
    next.focus();
  };
  return (
    <>
      <div
        class="land"
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={leave}
        onFocusIn={(event) => setPointed(pointedAt(event.currentTarget, event.target))}
        onFocusOut={() => setPointed(null)}
        onKeyDown={press}
      >
        <svg viewBox={viewBoxOf(section)} role="group" aria-label={MAP.label(TEXTS.metrics[metric])}>
          {shapes}
          {pointed && <path class={isDot(pointed.code) ? "pointed dot" : "pointed"} d={SHAPES[pointed.code]} />}
        </svg>
        {pointed && <Figure pointed={pointed} metric={metric} mark={marks.find(({ code }) => code === pointed.code)} />}
      </div>
      <div class="beneath">
        <Legend {...{ metric, steps }} most={Math.max(0, ...values)} />
        <select
          aria-label={MAP.section}
          value={name}
          onChange={({ currentTarget: { value } }) => go(withOption(address, "map", value === "world" ? null : value))}
        >
          {SECTIONS.map((one) => (
            <option key={one} value={one}>
              {MAP.sections[one]}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

/** A square around a dot, which takes clicks, too. A line of no length has no box for the focus. */
const AROUND = "m-6-6h12v12h-12z";

type ShapesProps = { readonly marks: readonly Mark[]; readonly steps: readonly number[]; readonly reached: string | undefined };

/** All countries: those without visits below, as they are no links. */
function Shapes({ marks, steps, reached }: ShapesProps) {
  const marked = new Set(marks.map(({ code }) => code));
  const others = Object.keys(SHAPES).filter((code) => !marked.has(code) && !isDot(code));
  return (
    <g>
      {others.map((code) => (
        <path key={code} class="step-0" data-code={code} d={SHAPES[code]} />
      ))}
      {marks.map(({ code, value, href, label }) => (
        <a
          key={code}
          class={`step-${colourOf(value, steps)}`}
          data-code={code}
          href={href}
          aria-label={label}
          tabindex={code === reached ? 0 : -1}
        >
          {isDot(code) && <path class="around" d={`${SHAPES[code]}${AROUND}`} />}
          {isDot(code) && <path class="rim" d={SHAPES[code]} />}
          <path class={isDot(code) ? "dot" : ""} d={SHAPES[code]} />
        </a>
      ))}
    </g>
  );
}

/** The country of an element, and where its figure is shown: at the pointer, or in the middle of the country. */
function pointedAt(map: EventTarget | null, at: EventTarget | null, pointer?: PointerEvent): Pointed | null {
  const shape = at instanceof Element && at.closest<SVGElement>("[data-code]");
  if (!shape || !(map instanceof Element)) return null;
  const [box, own] = [map.getBoundingClientRect(), shape.getBoundingClientRect()];
  const [x, y] = pointer ? [pointer.clientX, pointer.clientY] : [middle(own.left, own.right, box.left, box.right), middle(own.top, own.bottom, box.top, box.bottom)];
  return { code: shape.dataset.code ?? "", left: x - box.x, top: y - box.y, box };
}

/** The middle of that of a country which is on the map. */
const middle = (from: number, to: number, first: number, last: number) => (Math.max(from, first) + Math.min(to, last)) / 2;

type FigureProps = Pick<MapProps, "metric"> & { readonly pointed: Pointed; readonly mark: Mark | undefined };

function Figure({ pointed: { code, left, top, box }, metric, mark }: FigureProps) {
  const { of, unit, better } = METRICS[metric];
  const before = mark?.row.comparison ? of(mark.row.comparison) : null;
  const where = `tip${left > box.width / 2 ? " before" : ""}${top > box.height / 2 ? " above" : ""}`;
  return (
    <div class={where} style={{ insetInlineStart: `${left}px`, insetBlockStart: `${top}px` }} aria-hidden="true">
      <span class="soft">{nameOf("countries", code)}</span>
      <b>{shown(mark?.value ?? (unit === "count" ? 0 : null), unit)}</b>
      <span>
        {TEXTS.metrics[metric]} <ChangeMark change={changeOf(mark?.value, before, unit)} better={better} />
      </span>
    </div>
  );
}

type LegendProps = Pick<MapProps, "metric"> & { readonly steps: readonly number[]; readonly most: number };

function Legend({ metric, steps, most }: LegendProps) {
  return (
    <ul class="legend" aria-label={TEXTS.metrics[metric]}>
      <li class="soft" aria-hidden="true">
        {TEXTS.metrics[metric]}
      </li>
      <li class="step-0">{MAP.none}</li>
      {steps.map((_, place) => (
        <li key={place} class={`step-${colourAt(place, steps.length)}`}>
          {stepText(place, steps, most, METRICS[metric].unit)}
        </li>
      ))}
    </ul>
  );
}
