/** The form of a new share, and its link once it is made. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Address } from "../../address";
import { ask, troubleOf } from "../../graphql";
import { lineWords } from "../../shell/Filters";
import { TEXTS } from "../../texts";
import { EMPTY, frameOf, linkHere, variablesOf, type Form } from "./questions";
import { CreateShareDocument } from "./shares.graphql.ts";

type Props = { readonly address: Address; readonly made: () => void };
type Made = { readonly name: string; readonly link: string; readonly isFramed: boolean };

export function NewShare({ address, made }: Props) {
  const [form, setForm] = useState(EMPTY);
  const [trouble, setTrouble] = useState("");
  const [last, setLast] = useState<Made | null>(null);
  const put = (changed: Partial<Form>) => setForm((before) => ({ ...before, ...changed }));
  const submit = async (event: Event) => {
    event.preventDefault();
    const answer = await ask(CreateShareDocument, variablesOf(address, form), { app: address.app });
    const why = "trouble" in answer ? answer.trouble : troubleOf(answer.data.createShare);
    setTrouble(why?.message ?? "");
    if ("trouble" in answer || !answer.data.createShare.link || !answer.data.createShare.share) return;
    const { link, share } = answer.data.createShare;
    setLast({ name: share.name, link: linkHere(link, location.href), isFramed: share.embedOn.length > 0 });
    setForm(EMPTY);
    made();
  };
  const { shares } = TEXTS;
  return (
    <>
      <p class="soft">
        {shares.about}{" "}
        {address.filter.length ? shares.filtered(address.filter.map(lineWords).join("; ")) : shares.unfiltered}
      </p>
      <form onSubmit={submit}>
        <Field name={shares.name} hint={shares.nameHint}>
          <input required maxLength={256} value={form.name} onInput={(event) => put({ name: event.currentTarget.value })} />
        </Field>
        <Field name={shares.password} hint={shares.passwordHint}>
          <input
            type="password"
            autocomplete="new-password"
            minLength={10}
            value={form.password}
            onInput={(event) => put({ password: event.currentTarget.value })}
          />
        </Field>
        <Field name={shares.expires} hint={shares.expiresHint}>
          <input type="date" value={form.lastDay} onInput={(event) => put({ lastDay: event.currentTarget.value })} />
        </Field>
        <Field name={shares.embedOn} hint={shares.embedHint}>
          <textarea rows={2} value={form.embedOn} onInput={(event) => put({ embedOn: event.currentTarget.value })} />
        </Field>
        <button type="submit" class="button main">
          {shares.make}
        </button>
      </form>
      <div role="alert">{trouble && <p class="notice">{trouble}</p>}</div>
      {last && (
        <div role="status">
          <p>{shares.made}</p>
          <Copied name={shares.link} text={last.link} />
          {last.isFramed && <Copied name={shares.frame} text={frameOf(last.link, last.name)} />}
        </div>
      )}
    </>
  );
}

function Field({ name, hint, children }: { readonly name: string; readonly hint: string; readonly children: ComponentChildren }) {
  return (
    <label>
      <b>{name}</b>
      {children}
      <small>{hint}</small>
    </label>
  );
}

/** A text to copy. Where the browser does not allow it, such as by plain http, the text is selected. */
function Copied({ name, text }: { readonly name: string; readonly text: string }) {
  const [isDone, setDone] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
    } catch {
      setDone(false);
    }
  };
  return (
    <div>
      <label>
        <b>{name}</b>
        <textarea ref={field} readOnly rows={2} value={text} />
      </label>
      <button type="button" class="button" aria-label={`${TEXTS.shares.copy}: ${name}`} onClick={copy}>
        {isDone ? TEXTS.shares.copied : TEXTS.shares.copy}
      </button>
    </div>
  );
}
