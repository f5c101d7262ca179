/** The form of a new share, and its link once it is made. */

import { useId, useState } from "preact/hooks";
import { useAct } from "../../act";
import type { Address } from "../../address";
import { Copied } from "../../parts/Copied";
import { Field } from "../../parts/Field";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { lineWords } from "../../shell/Filters";
import { SHARES } from "../../texts/shares";
import { today } from "../../times";
import { EMPTY, frameOf, linkHere, variablesOf, type Form as Given } from "./questions";
import { CreateShareDocument } from "./shares.graphql.ts";

type Props = {
  readonly address: Address;
  /** Whether who looks at the form may let a share show people; null: not known yet. */
  readonly isOwner: boolean | null;
  readonly made: () => void;
};
type Made = { readonly name: string; readonly link: string; readonly isFramed: boolean };

export function NewShare({ address, isOwner, made }: Props) {
  const [form, setForm] = useState(EMPTY);
  const hint = useId();
  const { run, trouble } = useAct(CreateShareDocument);
  const [last, setLast] = useState<Made | null>(null);
  const put = (changed: Partial<Given>) => setForm((before) => ({ ...before, ...changed }));
  const submit = async () => {
    const share = (await run(variablesOf(address, form)))?.createShare;
    if (!share?.link || !share.share) return;
    const { name, embedOn } = share.share;
    setLast({ name, link: linkHere(share.link, location.href), isFramed: embedOn.length > 0 });
    setForm((now) => (now === form ? EMPTY : now));
    made();
  };
  return (
    <>
      <p class="soft">{SHARES.about}</p>
      <Form className="" does={SHARES.make} trouble={trouble} run={submit}>
        <Input label={SHARES.name} hint={SHARES.nameHint} required maxLength={256} value={form.name} change={(name) => put({ name })} />
        <Input label={SHARES.password} hint={SHARES.passwordHint} type="password" autocomplete="new-password" minLength={10} value={form.password} change={(password) => put({ password })} />
        <Input label={SHARES.expires} hint={SHARES.expiresHint} type="date" min={today()} value={form.lastDay} change={(lastDay) => put({ lastDay })} />
        <Field label={SHARES.embedOn} hint={SHARES.embedHint}>
          {(field) => (
            <textarea {...field} rows={2} value={form.embedOn} onInput={(event) => put({ embedOn: event.currentTarget.value })} />
          )}
        </Field>
        <div class="field whole">
          <label class="check">
            <input
              type="checkbox"
              disabled={!isOwner}
              checked={form.showPeople}
              aria-describedby={hint}
              onChange={(event) => put({ showPeople: event.currentTarget.checked })}
            />
            {SHARES.showPeople}
          </label>
          <small id={hint} class="soft">
            {isOwner === false ? SHARES.showPeopleNeeds : SHARES.showPeopleHint}
          </small>
        </div>
        <p class="whole" aria-live="polite">
          {form.showPeople ? SHARES.people : SHARES.figures}{" "}
          {address.filter.length ? SHARES.filtered(address.filter.map(lineWords).join("; ")) : SHARES.unfiltered}
        </p>
      </Form>
      {last && (
        <div role="status">
          <p>{SHARES.made}</p>
          <Copied key={last.link} name={SHARES.link} text={last.link} />
          {last.isFramed && <Copied key={`frame of ${last.link}`} name={SHARES.frame} text={frameOf(last.link, last.name)} />}
        </div>
      )}
    </>
  );
}
