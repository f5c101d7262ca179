/** The explorer: write a request, run it, read the answer, with the schema beside it. Nothing runs before somebody says so. */

import type { GraphQLSchema } from "graphql";
import { render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ENDPOINT } from "../graphql";
import { kept, show as showTheme } from "../kept";
import { Caller } from "./Caller";
import type { Copied } from "./copies";
import { Docs } from "./Docs";
import { Answer, Editors, type Desk } from "./Editors";
import { examplesFor } from "./examples";
import { Copy, Examples, History } from "./Menus";
import { operationAt, tidied, variablesOf } from "./operation";
import { fromFragment, keepDraft, lastDraft, NOTHING, remember, type Written } from "./request";
import { run, type Shown } from "./run";
import { loadSchema, type Place } from "./schema";
import { TEXTS } from "./texts";
import { OF_SESSION, recognised, type Known, type Who } from "./who";

const AT_FIRST: Shown = { text: "", status: "", running: false };

function Explorer({ first }: { readonly first: Written | null }) {
  const desk = useRef<Desk | null>(null);
  const stop = useRef(new AbortController());
  const [shown, setShown] = useState(AT_FIRST);
  const [notice, setNotice] = useState("");
  const [who, setWho] = useState<Who>(OF_SESSION);
  const { known, trouble } = useKnown(who, setWho);
  const { schema, closed } = useSchema(who);
  const [docs, setDocs] = useState(() => matchMedia("(min-width: 62rem)").matches);
  const [walked, setWalked] = useState<readonly Place[]>([]);
  const examples = useMemo(() => examplesFor(known ?? null), [known]);

  const written = () => desk.current?.written() ?? NOTHING;
  const put = (one: Partial<Written>) => {
    setNotice("");
    desk.current?.put(one);
  };
  /** What would be run; what is wrong with it otherwise. */
  const asked = (): Copied | string => {
    const { query, variables } = written();
    try {
      const operation = operationAt(query, desk.current?.cursor() ?? 0);
      return { url: new URL(ENDPOINT, location.href).href, query, variables: variablesOf(variables), operation, who };
    } catch (error) {
      return TEXTS.badVariables(error instanceof Error ? error.message : "");
    }
  };
  const start = () => {
    const request = asked();
    setNotice(typeof request === "string" ? request : "");
    if (typeof request === "string") return;
    remember(written());
    stop.current.abort();
    stop.current = new AbortController();
    void run(request, who, setShown, stop.current.signal);
  };
  const end = () => {
    stop.current.abort();
    setShown((before) => ({ ...before, running: false }));
  };
  const tidy = () => {
    try {
      put({ query: tidied(written().query) });
    } catch (error) {
      setNotice(TEXTS.badQuery(error instanceof Error ? error.message : ""));
    }
  };
  const showInDocs = (place: Place) => {
    setDocs(true);
    setWalked((before) => [...before, place]);
  };
  useLinks(put);
  useFirstExample(first, known, () => put(examples[0]?.written ?? NOTHING));

  return (
    <div class={docs ? "explorer with-docs" : "explorer"}>
      <header class="top">
        <a href="./" class="home">
          {TEXTS.product}
        </a>
        <h1>{TEXTS.title}</h1>
        <span class="fill" />
        <Caller who={who} known={known} trouble={trouble} use={setWho} />
        <button type="button" class="button" aria-expanded={docs} aria-controls="docs" onClick={() => setDocs(!docs)}>
          {TEXTS.docs.toggle}
        </button>
      </header>
      <div role="alert" class="notices">
        {[notice, closed].filter(Boolean).map((text) => (
          <p class="notice" key={text}>
            {text}
          </p>
        ))}
      </div>
      <main class="desk">
        <section class="card asking" aria-label={TEXTS.query}>
          <div class="doing">
            {shown.running ? (
              <button type="button" class="button main" onClick={end}>
                {TEXTS.stop}
              </button>
            ) : (
              <button type="button" class="button main" onClick={start}>
                {TEXTS.run}
              </button>
            )}
            <Examples examples={examples} take={put} />
            <History take={put} />
            <Copy copied={asked} written={written} />
            <button type="button" class="button" onClick={tidy}>
              {TEXTS.tidy}
            </button>
          </div>
          <Editors
            first={first ?? NOTHING}
            schema={schema}
            doings={{ run: start, changed: () => keepDraft(written()), showInDocs }}
            ready={(made) => (desk.current = made)}
          />
        </section>
        <section class="card answering" aria-label={TEXTS.answer} aria-busy={shown.running && !shown.text}>
          <h2>{TEXTS.answer}</h2>
          <p class="soft status" role="status">
            {shown.status}
          </p>
          <Answer text={shown.text} />
        </section>
      </main>
      <aside id="docs" class="card docs" aria-label={TEXTS.docs.name} hidden={!docs}>
        <h2>{TEXTS.docs.name}</h2>
        {docs && <Docs schema={schema} walked={walked} walk={setWalked} />}
      </aside>
    </div>
  );
}

/** Who calls, in words of the server. A member of several apps calls for the first, until they choose another. */
function useKnown(who: Who, use: (who: Who) => void) {
  const [state, setState] = useState<{ readonly known: Known | undefined; readonly trouble: string }>({ known: undefined, trouble: "" });
  useEffect(() => {
    let isLatest = true;
    void recognised(who).then((answer) => {
      if (!isLatest) return;
      const [first, second] = answer.known?.me.apps ?? [];
      if (who.by === "session" && first && second && !who.app) use({ by: "session", app: first.id });
      else setState(answer);
    });
    return () => {
      isLatest = false;
    };
  }, [who]);
  return state;
}

/** The schema; `closed` says why it is not shown. */
function useSchema(who: Who) {
  const [schema, setSchema] = useState<GraphQLSchema | null>(null);
  const [closed, setClosed] = useState("");
  useEffect(() => {
    if (schema) return;
    void loadSchema(who).then((loaded) => {
      setClosed(typeof loaded === "string" ? loaded : "");
      if (typeof loaded !== "string") setSchema(loaded);
    });
  }, [who, schema]);
  return { schema, closed };
}

/** A link that is pasted into the address of the open page is taken as one that was opened. */
function useLinks(put: (written: Written) => void) {
  useEffect(() => {
    const moved = () => {
      const linked = taken();
      if (linked) put(linked);
    };
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
}

/** Who comes with nothing begins with the first example, once it is known which pixel there is. */
function useFirstExample(first: Written | null, known: Known | undefined, put: () => void) {
  const waits = useRef(first === null);
  useEffect(() => {
    if (known === undefined || !waits.current) return;
    waits.current = false;
    put();
  }, [known]);
}

/** What the address asks. It is taken out of the address: what somebody writes from then on is not in it. */
function taken(): Written | null {
  const linked = fromFragment(location.hash);
  if (linked) history.replaceState(null, "", location.pathname);
  return linked;
}

showTheme(kept().theme);
const app = document.getElementById("app");
if (app) render(<Explorer first={taken() ?? lastDraft()} />, app);
