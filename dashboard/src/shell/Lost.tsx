/** An address that is no view's. */

import { TEXTS } from "../texts";

export function Lost() {
  return (
    <section class="card message">
      <h1>{TEXTS.lost.title}</h1>
      <p>{TEXTS.lost.text}</p>
      <a class="button main" href="#/">
        {TEXTS.lost.back}
      </a>
    </section>
  );
}
