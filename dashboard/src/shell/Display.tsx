/** Who is signed in, how things look, and the keys. */

import { useContext, useState } from "preact/hooks";
import { addressOf, go } from "../address";
import { ask } from "../graphql";
import { keep, kept, show, type Theme } from "../kept";
import { Menu } from "../parts/Menu";
import { PERIODS } from "../periods";
import { Session } from "../session";
import { TEXTS } from "../texts";
import { SignOutDocument } from "./sign_in.graphql.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function Display({ opened }: { readonly opened: number }) {
  return (
    <Menu label={<Gear />} name={TEXTS.settings} className="button square" opened={opened} end>
      {() => (
        <div class="display">
          <Account />
          <Settings />
        </div>
      )}
    </Menu>
  );
}

function Settings() {
  const [{ theme, keys }, setKept] = useState(kept);
  const change = (changed: Partial<ReturnType<typeof kept>>) => {
    keep(changed);
    setKept((before) => ({ ...before, ...changed }));
    show({ theme, ...changed }.theme);
  };
  return (
    <>
      <fieldset>
        <legend>{TEXTS.theme.name}</legend>
        {THEMES.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="theme"
              checked={one === theme}
              data-first={one === theme || undefined}
              onChange={() => change({ theme: one })}
            />
            {TEXTS.theme[one]}
          </label>
        ))}
      </fieldset>
      <h2>{TEXTS.keys.title}</h2>
      <label>
        <input type="checkbox" checked={keys} onChange={(event) => change({ keys: event.currentTarget.checked })} />
        {TEXTS.keys.on}
      </label>
      <dl>
        {PERIODS.flatMap(({ key, name }) => (key ? [<Key key={key} of={key.toUpperCase()} does={TEXTS.period[name]} />] : []))}
        <Key of="X" does={TEXTS.keys.compare} />
        <Key of="/" does={TEXTS.keys.filter} />
        <Key of="V" does={TEXTS.keys.saved} />
        <Key of="R" does={TEXTS.keys.reset} />
        <Key of="?" does={TEXTS.keys.help} />
      </dl>
    </>
  );
}

/** Who is signed in, in which app, and out again. */
function Account() {
  const { apps, app, email, isMember, signedOut } = useContext(Session);
  if (!isMember) return null;
  const leave = async (everywhere: boolean) => {
    const answer = await ask(SignOutDocument, { everywhere });
    if ("data" in answer) signedOut();
  };
  return (
    <section class="account" aria-label={TEXTS.account.name}>
      <b>{email ?? TEXTS.account.member}</b>
      {apps.length > 1 && (
        <label>
          {TEXTS.account.app}
          <select value={app ?? ""} onChange={(event) => go({ ...addressOf("#/"), app: event.currentTarget.value })}>
            {apps.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <a class="link" href="explore">
        {TEXTS.account.explorer}
      </a>
      <button type="button" class="link" onClick={() => leave(false)}>
        {TEXTS.account.out}
      </button>
      <button type="button" class="link" onClick={() => leave(true)}>
        {TEXTS.account.everywhere}
      </button>
    </section>
  );
}

const Key = ({ of, does }: { readonly of: string; readonly does: string }) => (
  <div>
    <dt>
      <kbd>{of}</kbd>
    </dt>
    <dd>{does}</dd>
  </div>
);

const Gear = () => (
  <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" class="line">
    <path d="M2 4h7M13 4h1M2 8h1M7 8h7M2 12h7M13 12h1" />
    <circle cx="11" cy="4" r="1.8" />
    <circle cx="5" cy="8" r="1.8" />
    <circle cx="11" cy="12" r="1.8" />
  </svg>
);
