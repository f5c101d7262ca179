/** A button that makes a file of a whole table, and says what stood in its way. */

import { useState } from "preact/hooks";
import { useBusy } from "../busy";
import { TEXTS } from "../texts";

type Props = {
  /** Of the table. */
  readonly name: string;
  /** Makes the file; what went wrong, or nothing. */
  readonly download: () => Promise<string>;
};

export function Csv({ name, download }: Props) {
  const [trouble, setTrouble] = useState("");
  const { busy, once } = useBusy();
  return (
    <>
      <button type="button" class="link" aria-label={TEXTS.csvOf(name)} aria-busy={busy} onClick={() => once(async () => setTrouble(await download()))}>
        {TEXTS.csv}
      </button>
      {trouble && (
        <span role="alert" class="bad">
          {trouble}
        </span>
      )}
    </>
  );
}
