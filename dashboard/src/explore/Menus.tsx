/** The menus above the request: examples, what was run before, and the request as a program. */

import { useState } from "preact/hooks";
import { Arrow } from "../parts/Choice";
import { Menu } from "../parts/Menu";
import { asCurl, asPython, asTypeScript, needs, type Copied } from "./copies";
import type { Example } from "./examples";
import { titleOf } from "./operation";
import { forgetPast, linkTo, past, type Written } from "./request";
import { TEXTS } from "./texts";

type Take = (written: Written) => void;

export function Examples({ examples, take }: { readonly examples: readonly Example[]; readonly take: Take }) {
  return (
    <Menu label={<>{TEXTS.examples} <Arrow /></>} name={TEXTS.examples}>
      {(close) => (
        <ul class="choices">
          {examples.map(({ name, written }, index) => (
            <li key={name}>
              <button type="button" data-first={index === 0 || undefined} onClick={() => (close(), take(written))}>
                {name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Menu>
  );
}

export function History({ take }: { readonly take: Take }) {
  return (
    <Menu label={<>{TEXTS.history} <Arrow /></>} name={TEXTS.history}>
      {(close) => <Past close={close} take={take} />}
    </Menu>
  );
}

function Past({ close, take }: { readonly close: () => void; readonly take: Take }) {
  const all = past();
  const clear = () => {
    forgetPast();
    close();
  };
  return (
    <>
      <ul class="choices">
        {all.map((written, index) => (
          <li key={index}>
            <button type="button" data-first={index === 0 || undefined} onClick={() => (close(), take(written))}>
              {titleOf(written.query) ?? TEXTS.unnamed}
              <span class="soft past">{written.variables.replace(/\s+/g, " ").slice(0, 40)}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="display">
        <p class="soft">{TEXTS.historyNone}</p>
        {all.length > 0 && (
          <button type="button" class="link" onClick={clear}>
            {TEXTS.historyClear}
          </button>
        )}
      </div>
    </>
  );
}

const PROGRAMS = { curl: asCurl, python: asPython, typescript: asTypeScript };
const AS = ["curl", "python", "typescript", "link"] as const;

type CopyProps = {
  /** What would be run; a text where it cannot be. */
  readonly copied: () => Copied | string;
  readonly written: () => Written;
};

export function Copy(props: CopyProps) {
  return (
    <Menu label={<>{TEXTS.copy} <Arrow /></>} name={TEXTS.copy}>
      {() => <Copies {...props} />}
    </Menu>
  );
}

function Copies({ copied, written }: CopyProps) {
  const [text, setText] = useState("");
  const [said, setSaid] = useState("");
  const copy = async (as: (typeof AS)[number]) => {
    const request = copied();
    if (typeof request === "string" && as !== "link") return setSaid(request);
    const page = location.href.replace(/#.*/, "");
    const made = typeof request === "string" || as === "link" ? linkTo(page, written()) : PROGRAMS[as](request);
    setText(made);
    const how = as === "link" ? TEXTS.linkWithout : typeof request === "string" ? "" : noteOn(request);
    setSaid([(await clipboard(made)) ? TEXTS.copied : TEXTS.notCopied, how].join(" "));
  };
  return (
    <div class="copies">
      <div class="as">
        {AS.map((as, index) => (
          <button type="button" class="button" key={as} data-first={index === 0 || undefined} onClick={() => copy(as)}>
            {TEXTS.copies[as]}
          </button>
        ))}
      </div>
      <p role="status" class="soft">
        {said}
      </p>
      {text && (
        <pre tabIndex={0} aria-label={TEXTS.copy}>
          {text}
        </pre>
      )}
    </div>
  );
}

const noteOn = (request: Copied) =>
  ({ nothing: "", secret: TEXTS.credentials, key: TEXTS.credentialsOfKey })[needs(request)];

/** Browsers let only a page that came by https, or from this machine, copy. */
const clipboard = (text: string): Promise<boolean> =>
  navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  ) ?? Promise.resolve(false);
