/** The secret of the app: those that work, and a new one, which is shown once. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { Ask } from "../../parts/Ask";
import { Copied } from "../../parts/Copied";
import { List } from "../../parts/List";
import { Select } from "../../parts/Select";
import { MANAGE } from "../../texts/manage";
import { timeText } from "../../times";
import { Block } from "./Block";
import { RotateSecretDocument, type SecretsFragment } from "./secret.graphql.ts";

type Props = { readonly app: SecretsFragment["app"]; readonly done: () => void };

export function AppSecret({ app, done }: Props) {
  const [grace, setGrace] = useState(0);
  const [asking, setAsking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const { run, trouble } = useAct(RotateSecretDocument);
  const texts = MANAGE.appSecret;
  const rotate = async () => {
    const answer = await run({ graceSeconds: grace });
    if (!answer) return;
    setAsking(false);
    setSecret(answer.rotateSecret.appSecret);
    done();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    setAsking(true);
  };
  return (
    <Block title={texts.title} about={texts.about}>
      <List
        name={texts.title}
        head={[texts.columns.id, texts.columns.since, texts.columns.until]}
        none={texts.none}
        rows={
          app?.secrets.map(({ id, createdAt, expiresAt }) => ({
            id,
            cells: [<code>{id}</code>, timeText(createdAt), expiresAt ? timeText(expiresAt) : texts.forEver],
          })) ?? null
        }
      />
      <form class="form" onSubmit={submit}>
        <Select label={texts.grace} value={grace} options={texts.graces} change={setGrace} />
        <button type="submit" class="button">
          {texts.rotate} …
        </button>
      </form>
      {secret && (
        <div class="once" role="status">
          <p>{texts.once}</p>
          <Copied key={secret} text={secret} name={texts.secret} />
        </div>
      )}
      {asking && app && (
        <Ask title={texts.ask} does={texts.rotate} name={app.name} trouble={trouble} run={rotate} close={() => setAsking(false)}>
          <p>{grace ? texts.later(timeText(new Date(Date.now() + grace * 1000).toISOString())) : texts.atOnce}</p>
          <p>{texts.keeps}</p>
        </Ask>
      )}
    </Block>
  );
}
