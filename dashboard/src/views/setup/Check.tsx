/** Fetches a page as a browser would, and says what is wrong with its tag. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { BESIDE, Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { SETUP } from "../../texts/setup";
import { VerifyInstallationDocument, type VerifyInstallationMutation } from "./setup.graphql.ts";

type Pixel = { readonly id: number; readonly domains: readonly string[] };
type Verification = NonNullable<VerifyInstallationMutation["verifyInstallation"]["verification"]>;

export function Check({ pixel }: { readonly pixel: Pixel }) {
  const [url, setUrl] = useState(pixel.domains[0] ? `https://${pixel.domains[0]}/` : "");
  const [found, setFound] = useState<Verification | null>(null);
  const { run, trouble } = useAct(VerifyInstallationDocument);
  const { wait } = SETUP;
  const submit = async () => {
    const answer = await run({ url: url.trim(), pixelId: pixel.id });
    setFound(answer?.verifyInstallation.verification ?? null);
  };
  return (
    <>
      <Form className={BESIDE} does={wait.check} doing={wait.checking} trouble={trouble} run={submit}>
        <Input label={wait.url} type="url" required value={url} change={setUrl} />
      </Form>
      <div role="status">{found && <Found {...found} />}</div>
    </>
  );
}

const MARKS = { true: "✓", false: "✗", null: "–" } as const;

function Found({ ok, checks }: Verification) {
  const { wait } = SETUP;
  return (
    <>
      {ok && <p class="good">{wait.allRight}</p>}
      <ul class="checks">
        {checks.map(({ name, passed, found, toDo }) => (
          <li key={name} class={passed === false ? "bad" : passed ? "good" : "soft"}>
            <b aria-hidden="true">{MARKS[`${passed}`]}</b>
            <span>
              <span class="hidden">{passed === false ? wait.failed : passed ? wait.passed : wait.unknown}: </span>
              {found}
              {toDo && <small>{toDo}</small>}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
