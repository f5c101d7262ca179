/** Setting up: make a pixel, paste the tag, wait for the first pageview; and what is wrong if it does not come. */

import type { ViewProps } from "../../shell/view";
import { SETUP } from "../../texts/setup";
import { Install } from "./Install";
import { MakePixel } from "./MakePixel";

export function Setup({ address }: ViewProps) {
  return address.pixel === null ? <MakePixel address={address} /> : <Install address={address} pixel={address.pixel} />;
}

type Step = keyof typeof SETUP.steps;
const STEPS = Object.keys(SETUP.steps) as Step[];

/** Where somebody is on the way. */
export function Steps({ at }: { readonly at: Step }) {
  const now = STEPS.indexOf(at);
  return (
    <ol class="steps">
      {STEPS.map((step, place) => (
        <li key={step} class={place < now ? "done" : ""} aria-current={step === at ? "step" : undefined}>
          {SETUP.steps[step]}
        </li>
      ))}
    </ol>
  );
}
