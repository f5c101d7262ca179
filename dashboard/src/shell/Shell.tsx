/** What is around each view: the pixel, the views, the period, the filters, and how things look. */

import type { ComponentChildren } from "preact";
import { useContext, useMemo, useState } from "preact/hooks";
import { elsewhere, go, hrefOf, type Address } from "../address";
import { useKeys } from "../keys";
import { Arrow, Choice } from "../parts/Choice";
import { Menu } from "../parts/Menu";
import { PERIODS, USUAL_COMPARISON } from "../periods";
import { may } from "../rights";
import { Session } from "../session";
import { TEXTS } from "../texts";
import { VIEWS, viewOf } from "../views/views";
import { Display } from "./Display";
import { Filters } from "./Filters";
import { Now } from "./Now";
import { PeriodMenus } from "./PeriodMenus";
import { SavedMenu } from "./SavedMenu";
import { ToOwners } from "./ToOwners";

type Props = {
  readonly address: Address;
  readonly children: ComponentChildren;
  /** Of a share: its name instead of the pixels to choose from, and its views. */
  readonly shared?: { readonly title: string; readonly views: readonly string[] };
};

export function Shell({ address, children, shared }: Props) {
  const [adding, setAdding] = useState(0);
  const [choosing, setChoosing] = useState(0);
  const [helping, setHelping] = useState(0);
  const { here } = useContext(Session);
  const view = viewOf(address);
  // Visitors of a share neither see views nor keep any; lists of people, and what has no filter, are kept by bookmarks.
  const isKept = !shared && view?.hasFilter && view.hasPeriod && !view.isAlone;
  const keys = useMemo(
    () => ({
      "?": () => setHelping((times) => times + 1),
      ...(view?.hasPeriod ? keysOfPeriod(address) : {}),
      ...(view?.hasFilter ? keysOfFilter(address, () => setAdding((times) => times + 1)) : {}),
      ...(isKept ? { v: () => setChoosing((times) => times + 1) } : {}),
    }),
    [address, view, isKept],
  );
  useKeys(keys);
  return (
    <div class={shared ? "page shared" : "page"}>
      <a class="skip" href="#main" onClick={toMain}>
        {TEXTS.skip}
      </a>
      <header class="top">
        {shared ? <b class="pixel">{shared.title}</b> : <Pixels address={address} />}
        <Views address={address} among={shared?.views} />
        <span class="fill" />
        {view?.hasNow && <Now address={address} first={here} />}
        {view?.hasPeriod && <PeriodMenus address={address} isCompared={!view.isAlone} />}
        <Display opened={helping} />
      </header>
      {view?.hasFilter && (
        <Filters address={address} adding={adding}>
          {isKept && <SavedMenu address={address} opened={choosing} />}
        </Filters>
      )}
      <main id="main" tabIndex={-1}>
        {!shared && <ToOwners />}
        {children}
      </main>
    </div>
  );
}

/** The link must not change the fragment, which is the address of the view. */
function toMain(event: Event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function keysOfPeriod(address: Address) {
  const periods = PERIODS.flatMap(({ key, name }) => (key ? [[key, () => go({ ...address, period: { name } })] as const] : []));
  return {
    ...Object.fromEntries(periods),
    x: () => go({ ...address, comparison: address.comparison === "NONE" ? USUAL_COMPARISON : "NONE" }),
  };
}

const keysOfFilter = (address: Address, add: () => void) => ({ r: () => go({ ...address, filter: [] }), "/": add });

function Pixels({ address }: { readonly address: Address }) {
  const { pixels } = useContext(Session);
  const chosen = pixels?.find(({ id }) => id === address.pixel);
  // One that does not exist has no name, nor has any as long as they are not there.
  const name = address.pixel === null ? TEXTS.allPixels : (chosen?.name ?? (pixels ? TEXTS.choosePixel : ""));
  return (
    <Menu label={<>{name || <span class="unnamed" />} <Arrow /></>} name={`${TEXTS.choosePixel}: ${name}`} className="pixel">
      {(close) => (
        <ul class="choices">
          <Choice href={hrefOf({ ...address, pixel: null, path: [], filter: [], options: {} })} on={address.pixel === null} close={close}>
            {TEXTS.allPixels}
          </Choice>
          {pixels?.map(({ id, name, domains }) => (
            <Choice key={id} href={hrefOf({ ...address, pixel: id, filter: [] })} on={id === address.pixel} close={close}>
              {name} <span class="soft">{domains[0]}</span>
            </Choice>
          ))}
        </ul>
      )}
    </Menu>
  );
}

/** The menu of views: those of a share, or those that the role includes. One alone needs no menu. */
function Views({ address, among }: { readonly address: Address; readonly among?: readonly string[] | undefined }) {
  const { role } = useContext(Session);
  const here = VIEWS.filter((view) => view.menu && view.ofPixel === (address.pixel !== null));
  const shown = here.filter(({ name, role: needed }) => (among ? among.includes(name) : may(role, needed ?? "VIEWER")));
  if (among && shown.length === 1) return null;
  return (
    <nav class="views" aria-label={TEXTS.mainViews}>
      {shown.map((view) => (
        <a
          key={view.name}
          href={hrefOf(elsewhere(address, ...(view.name ? [view.name] : [])))}
          aria-current={viewOf(address) === view ? "page" : undefined}
        >
          {view.menu}
        </a>
      ))}
    </nav>
  );
}
