/** The dashboard: the view of the address, in its shell. */

import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useAddress, type Address } from "./address";
import { kept, show } from "./kept";
import { Session, type Known } from "./session";
import { Lost } from "./shell/Lost";
import { Shell } from "./shell/Shell";
import { SignIn } from "./shell/SignIn";
import { TEXTS } from "./texts";
import { viewOf } from "./views/views";

function App() {
  const address = useAddress();
  const [known, setKnown] = useState<Known>({ pixels: null, here: null });
  const [isSignedOut, setSignedOut] = useState(false);
  const session = useMemo(
    () => ({
      ...known,
      learn: (more: Partial<Known>) => setKnown((before) => ({ ...before, ...more })),
      signedOut: () => setSignedOut(true),
    }),
    [known],
  );
  useTitle(address, known.pixels);
  const View = viewOf(address)?.component ?? Lost;
  return (
    <Session.Provider value={session}>
      {isSignedOut ? (
        <SignIn signedIn={() => setSignedOut(false)} />
      ) : (
        <Shell address={address}>
          <View key={`${address.pixel} ${address.path.join("/")}`} address={address} />
        </Shell>
      )}
    </Session.Provider>
  );
}

function useTitle({ pixel }: Address, pixels: Known["pixels"]): void {
  const name = pixels?.find(({ id }) => id === pixel)?.name;
  useEffect(() => {
    document.title = name ? `${name} · ${TEXTS.product}` : TEXTS.product;
  }, [name]);
}

show(kept().theme);
const app = document.getElementById("app");
if (app) render(<App />, app);
