/** Does one thing at a time: who asks again meanwhile is refused. What asks is not disabled, since that would lose the focus. */

import { useState } from "preact/hooks";

type Busy = { readonly busy: boolean; readonly once: (run: () => unknown) => Promise<void> };

export function useBusy(): Busy {
  const [busy, setBusy] = useState(false);
  const once = async (run: () => unknown) => {
    if (busy) return;
    setBusy(true);
    try {
      await run();
    } finally {
      setBusy(false);
    }
  };
  return { busy, once };
}
