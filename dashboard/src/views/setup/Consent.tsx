/** The choice of when visitors are recognised. */

import { SETUP } from "../../texts/setup";
import type { ConsentMode } from "./setup.graphql.ts";

const MODES: readonly ConsentMode[] = ["REQUIRED", "IMPLIED", "NONE"];

export function Consent({ mode, change, disabled = false }: { readonly mode: ConsentMode; readonly change: (mode: ConsentMode) => void; readonly disabled?: boolean }) {
  return (
    <fieldset class="choice" disabled={disabled}>
      <legend>{SETUP.consent.name}</legend>
      {MODES.map((one) => (
        <label key={one} class="check">
          <input type="radio" name="consent" checked={one === mode} onChange={() => change(one)} />
          <span>
            {SETUP.consent[one]} <small class="soft">{SETUP.consent[`${one}_HINT`]}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
