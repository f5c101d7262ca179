/** How many are here now, kept up to date by the stream of pageviews. It can be paused. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Address } from "../address";
import { inputOf, ofPageviews } from "../filters";
import { ask } from "../graphql";
import { subscribe } from "../live";
import { shown } from "../numbers";
import { TEXTS } from "../texts";
import { nowOf } from "../views/overview/questions";
import { NowDocument, RecordedDocument } from "./now.graphql.ts";

const AT_MOST_EVERY = 5_000; // milliseconds
const WHO_LEFT_AFTER = 15_000; // milliseconds: without pageviews the number only falls

type Props = {
  readonly address: Address;
  /** The number that came with the view; null: not there yet. */
  readonly first: number | null;
};

export function Now({ address, first }: Props) {
  const [count, setCount] = useState(first);
  const [paused, setPaused] = useState(false);
  const recorded = useRef(false);
  const key = JSON.stringify([address.pixel, address.filter]);
  const there = first !== null;
  useEffect(() => setCount(first), [first]);
  useEffect(() => {
    if (paused || !there) return;
    // Any pageview of these may change the number: the next of a visit does not say where that came from.
    const variables = { pixelIds: [address.pixel ?? 0], filter: inputOf(ofPageviews(address.filter)) };
    // A share has no stream: its visitors see figures, and not each pageview.
    const end = address.share ? () => {} : subscribe(RecordedDocument, variables, address.app, () => (recorded.current = true));
    let asked = Date.now();
    const look = async () => {
      if (document.hidden || (!recorded.current && Date.now() - asked < WHO_LEFT_AFTER)) return;
      recorded.current = false;
      asked = Date.now();
      const answer = await ask(NowDocument, { report: nowOf(address, new Date()) }, { app: address.app });
      if ("data" in answer) setCount((before) => answer.data.report.totals?.visitors?.count ?? before);
    };
    const timer = setInterval(look, AT_MOST_EVERY);
    return () => {
      end();
      clearInterval(timer);
    };
  }, [key, paused, there]);
  return (
    <p class="now" title={TEXTS.now.about}>
      <span class={paused || !there ? "dot off" : "dot"} aria-hidden="true" />
      <span aria-live={paused ? "off" : "polite"}>
        {count === null ? TEXTS.now.unknown : TEXTS.now.here(shown(count, "count"), count === 1)}
      </span>
      <button type="button" class="link" aria-label={paused ? TEXTS.now.go : TEXTS.now.pause} onClick={() => setPaused(!paused)}>
        <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
          <path d={paused ? "M2 0 L10 5 L2 10Z" : "M1 0H4V10H1ZM6 0H9V10H6Z"} />
        </svg>
      </button>
    </p>
  );
}
