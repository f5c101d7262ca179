/** The form that makes a pixel. */

import { useContext, useState } from "preact/hooks";
import { useAct } from "../../act";
import { useAnswer } from "../../answer";
import { go } from "../../address";
import { Field } from "../../parts/Field";
import { Notices } from "../../parts/Notice";
import { may } from "../../rights";
import { Session } from "../../session";
import { useShell, type ViewProps } from "../../shell/view";
import { SHARED } from "../../texts/shared";
import { SETUP } from "../../texts/setup";
import { Consent } from "./Consent";
import { NewPixelDocument } from "./new_pixel.graphql.ts";
import { CreatePixelDocument, type ConsentMode } from "./setup.graphql.ts";
import { Steps } from "./Steps";

export function MakePixel({ address }: ViewProps) {
  const asked = useAnswer(NewPixelDocument, {});
  useShell(asked.data);
  const { role } = useContext(Session);
  return (
    <>
      <Notices asked={asked} troubles={[]} />
      <section class="card setup">
        <Steps at="make" />
        <h1>{SETUP.make.title}</h1>
        {may(role, "EDITOR") ? <Form address={address} /> : <p>{SETUP.make.needs}</p>}
      </section>
    </>
  );
}

function Form({ address }: ViewProps) {
  const [name, setName] = useState("");
  const [domain, setDomain] = useState("");
  const [consentMode, setConsentMode] = useState<ConsentMode>("REQUIRED");
  const { run, busy, trouble } = useAct(CreatePixelDocument);
  const { make } = SETUP;
  const submit = async (event: Event) => {
    event.preventDefault();
    const made = await run({ name: name.trim() || domain.trim(), domains: [hostOf(domain)], consentMode });
    const id = made?.createPixel.pixel?.id;
    if (id) go({ ...address, pixel: id, path: ["setup"], options: {} });
  };
  return (
    <form class="form" onSubmit={submit}>
      <p class="soft">{make.text}</p>
      <Field label={make.domain} hint={make.domainHint}>
        {(props) => (
          <input {...props} required inputMode="url" autocomplete="off" value={domain} onInput={(event) => setDomain(event.currentTarget.value)} />
        )}
      </Field>
      <Field label={make.name} hint={make.nameHint}>
        {(props) => <input {...props} autocomplete="off" value={name} placeholder={hostOf(domain)} onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <Consent mode={consentMode} change={setConsentMode} />
      <p role="alert" class="bad">
        {trouble}
      </p>
      <button type="submit" class="button main" disabled={busy}>
        {busy ? SHARED.busy : make.does}
      </button>
    </form>
  );
}

/** The host of what somebody pasted: an address of a page has one, too. */
export function hostOf(text: string): string {
  const given = text.trim();
  return /^https?:\/\//i.test(given) && URL.canParse(given) ? new URL(given).hostname : given.replace(/\/.*$/, "");
}
