/** The form that makes a pixel. */

import { useContext, useState } from "preact/hooks";
import { useAct } from "../../act";
import { useAnswer } from "../../answer";
import { go } from "../../address";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { Notices } from "../../parts/Notice";
import { may } from "../../rights";
import { Session } from "../../session";
import { AroundDocument } from "../../shell/around.graphql.ts";
import { useShell, type ViewProps } from "../../shell/view";
import { SETUP } from "../../texts/setup";
import { Consent } from "./Consent";
import { CreatePixelDocument, type ConsentMode } from "./setup.graphql.ts";
import { Steps } from "./Steps";

export function MakePixel({ address }: ViewProps) {
  const asked = useAnswer(AroundDocument, {});
  useShell(asked.data);
  const { role } = useContext(Session);
  return (
    <>
      <Notices asked={asked} troubles={[]} />
      <section class="card setup">
        <Steps at="make" />
        <h1>{SETUP.make.title}</h1>
        {may(role, "EDITOR") ? <Make address={address} /> : <p>{SETUP.make.needs}</p>}
      </section>
    </>
  );
}

function Make({ address }: ViewProps) {
  const [name, setName] = useState("");
  const [domain, setDomain] = useState("");
  const [consentMode, setConsentMode] = useState<ConsentMode>("REQUIRED");
  const { run, trouble } = useAct(CreatePixelDocument);
  const { make } = SETUP;
  const submit = async () => {
    const made = await run({ name: name.trim() || domain.trim(), domains: [hostOf(domain)], consentMode });
    const id = made?.createPixel.pixel?.id;
    if (id) go({ ...address, pixel: id, path: ["setup"], options: {} });
  };
  return (
    <Form does={make.does} trouble={trouble} run={submit}>
      <p class="soft">{make.text}</p>
      <Input label={make.domain} hint={make.domainHint} required inputMode="url" autocomplete="off" value={domain} change={setDomain} />
      <Input label={make.name} hint={make.nameHint} autocomplete="off" value={name} placeholder={hostOf(domain)} change={setName} />
      <Consent mode={consentMode} change={setConsentMode} />
    </Form>
  );
}

/** The host of what somebody pasted: an address of a page has one, too. */
export function hostOf(text: string): string {
  const given = text.trim();
  return /^https?:\/\//i.test(given) && URL.canParse(given) ? new URL(given).hostname : given.replace(/\/.*$/, "");
}
