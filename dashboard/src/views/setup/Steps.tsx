/** Where somebody is on the way to the first pageview. */

import { SETUP } from "../../texts/setup";

type Step = keyof typeof SETUP.steps;
const STEPS = Object.keys(SETUP.steps) as Step[];

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
