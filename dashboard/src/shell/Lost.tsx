/** An address that is no view's. */

import { useAnswer } from "../answer";
import { TEXTS } from "../texts";
import { AroundDocument } from "./around.graphql.ts";
import { useShell } from "./view";

export function Lost() {
  const { data, waiting } = useAnswer(AroundDocument, {});
  useShell(data);
  return (
    <section class="card message" aria-busy={waiting}>
      <h1>{TEXTS.lost.title}</h1>
      <p>{TEXTS.lost.text}</p>
      <a class="button main" href="#/">
        {TEXTS.lost.back}
      </a>
    </section>
  );
}
