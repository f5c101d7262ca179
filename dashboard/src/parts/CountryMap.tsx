/** The place of the map of countries, as large before the map is there as after. It is loaded once somebody sees its place. */

import type { FunctionComponent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Address } from "../address";
import type { MetricName } from "../metrics";
import type { TableRow } from "../tables";
import { TEXTS } from "../texts";

export type MapProps = {
  readonly address: Address;
  /** Null: not there yet. */
  readonly rows: readonly TableRow[] | null;
  /** The figure by which countries are shaded. */
  readonly metric: MetricName;
};

let known: FunctionComponent<MapProps> | null = null;

export function CountryMap(props: MapProps) {
  const place = useRef<HTMLDivElement>(null);
  const [Shown, setShown] = useState(() => known);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    if (known || !place.current) return;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      import("./countries/WorldMap").then(
        ({ WorldMap }) => setShown(() => (known = WorldMap)),
        () => setBroken(true),
      );
    });
    seen.observe(place.current);
    return () => seen.disconnect();
  }, []);
  return (
    <div class="world" ref={place}>
      {Shown ? <Shown {...props} /> : broken && <p class="empty">{TEXTS.mapBroken}</p>}
    </div>
  );
}
