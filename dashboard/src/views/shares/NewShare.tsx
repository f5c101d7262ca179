/** The form of a new share, and its link once it is made. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import type { Address } from "../../address";
import { Copied } from "../../parts/Copied";
import { Field } from "../../parts/Field";
import { lineWords } from "../../shell/Filters";
import { TEXTS } from "../../texts";
import { EMPTY, frameOf, linkHere, variablesOf, type Form } from "./questions";
import { CreateShareDocument } from "./shares.graphql.ts";

type Props = { readonly address: Address; readonly made: () => void };
type Made = { readonly name: string; readonly link: string; readonly isFramed: boolean };

export function NewShare({ address, made }: Props) {
  const [form, setForm] = useState(EMPTY);
  const { run, busy, trouble } = useAct(CreateShareDocument);
  const [last, setLast] = useState<Made | null>(null);
  const put = (changed: Partial<Form>) => setForm((before) => ({ ...before, ...changed }));
  const submit = async (event: Event) => {
    event.preventDefault();
    const share = (await run(variablesOf(address, form)))?.createShare;
    if (!share?.link || !share.share) return;
    const { name, embedOn } = share.share;
    setLast({ name, link: linkHere(share.link, location.href), isFramed: embedOn.length > 0 });
    setForm((now) => (now === form ? EMPTY : now));
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
        <Field label={shares.name} hint={shares.nameHint}>
          {(field) => (
            <input {...field} required maxLength={256} value={form.name} onInput={(event) => put({ name: event.currentTarget.value })} />
          )}
        </Field>
        <Field label={shares.password} hint={shares.passwordHint}>
          {(field) => (
            <input
              {...field}
              type="password"
              autocomplete="new-password"
              minLength={10}
              value={form.password}
              onInput={(event) => put({ password: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={shares.expires} hint={shares.expiresHint}>
          {(field) => (
            <input {...field} type="date" value={form.lastDay} onInput={(event) => put({ lastDay: event.currentTarget.value })} />
          )}
        </Field>
        <Field label={shares.embedOn} hint={shares.embedHint}>
          {(field) => (
            <textarea {...field} rows={2} value={form.embedOn} onInput={(event) => put({ embedOn: event.currentTarget.value })} />
          )}
        </Field>
        <button type="submit" class="button main" disabled={busy}>
          {shares.make}
        </button>
      </form>
      <div role="alert">{trouble && <p class="notice">{trouble}</p>}</div>
      {last && (
        <div role="status">
          <p>{shares.made}</p>
          <Copied key={last.link} name={shares.link} text={last.link} />
          {last.isFramed && <Copied key={`frame of ${last.link}`} name={shares.frame} text={frameOf(last.link, last.name)} />}
        </div>
      )}
    </>
  );
}
