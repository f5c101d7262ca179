/** The dashboard: the view of the address, in its shell. */

import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { addressOf, go, useAddress, type Address } from "./address";
import { keepFocus } from "./focus";
import { keep, kept, show, themeOf } from "./kept";
import { NOBODY, Session, type Known } from "./session";
import { Lost } from "./shell/Lost";
import { Shell } from "./shell/Shell";
import { SignIn, takeToken } from "./shell/SignIn";
import { TEXTS } from "./texts";
import { SharedPage, viewOf } from "./views/views";

function App() {
  const [token, setToken] = useToken(); // before the address is read
  const address = useAddress();
  const [known, setKnown] = useState<Known>(NOBODY);
  const [isSignedOut, setSignedOut] = useState(false);
  const session = useMemo(
    () => ({
      ...known,
      app: address.app,
      learn: (more: Partial<Known>) => setKnown((before) => ({ ...before, ...more })),
      signedOut: () => {
        setSignedOut(true);
        setKnown(NOBODY);
      },
    }),
    [known, address.app],
  );
  const signedIn = () => {
    setToken(null); // it works once
    setSignedOut(false);
  };
  useApp(address, known.apps);
  useTitle(address, known.pixels);
  const View = viewOf(address)?.component ?? Lost;
  return (
    <Session.Provider value={session}>
      {isSignedOut || token !== null ? (
        <SignIn key={token} token={token} signedIn={signedIn} />
      ) : (
        <Shell address={address}>
          <View key={`${address.app} ${address.pixel} ${address.path.join("/")}`} address={address} />
        </Shell>
      )}
    </Session.Provider>
  );
}

/** The token of a link that somebody opened, or pasted into the address of this page; null: none, or it is used. */
function useToken() {
  const state = useState(() => {
    const token = takeToken();
    nameKeptApp();
    return token;
  });
  useEffect(() => {
    const moved = () => {
      const token = takeToken();
      if (token !== null) state[1](token);
    };
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return state;
}

/** Who is a member of several apps looks at one of them, which the address names. It is kept for addresses that name none. */
function useApp(address: Address, apps: Known["apps"]): void {
  const { app } = address;
  useEffect(() => {
    const [first, second] = apps;
    if (!first) return;
    const isTheirs = apps.some(({ id }) => id === app);
    if (isTheirs && second) keep({ app });
    else if (!app && second) go({ ...address, app: first.id }, "replace");
    else if (app && !isTheirs && app === kept().app) {
      keep({ app: null }); // of somebody else, who was here before
      go({ ...address, app: null }, "replace");
    }
  }, [apps, app]);
}

/** Without this the first answer would only be that the app has to be named. */
function nameKeptApp(): void {
  const address = addressOf(location.hash);
  const { app } = kept();
  if (app && !address.app && !address.share) go({ ...address, app }, "replace");
}

function useTitle({ pixel }: Address, pixels: Known["pixels"]): void {
  const name = pixels?.find(({ id }) => id === pixel)?.name;
  useEffect(() => {
    document.title = name ? `${name} · ${TEXTS.product}` : TEXTS.product;
  }, [name]);
}

/** The page of a share's link. It is another page of the server, which is told by its address who may frame it. */
const isShared = location.pathname.endsWith("/share");

const SharedApp = () => <SharedPage address={useAddress()} />;

show((isShared && themeOf(new URLSearchParams(location.search).get("theme"))) || kept().theme);
keepFocus();
const app = document.getElementById("app");
if (app) render(isShared ? <SharedApp /> : <App />, app);
