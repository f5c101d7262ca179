/** The keys of programs: make one, which is shown once, and revoke; and the secret of the app. */

import { useContext, useState } from "preact/hooks";
import { emptied, useAct } from "../../act";
import { useAnswer } from "../../answer";
import { troubleOf } from "../../graphql";
import { Ask } from "../../parts/Ask";
import { Copied } from "../../parts/Copied";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { List } from "../../parts/List";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { Select } from "../../parts/Select";
import { Session } from "../../session";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { agoText, timeText } from "../../times";
import { AppSecret } from "./AppSecret";
import { Block } from "./Block";
import { CreateKeyDocument, KeysDocument, RevokeKeyDocument, type KeyScope, type KeysQuery } from "./manage.graphql.ts";

type One = NonNullable<KeysQuery["keys"]["nodes"]>[number];
const SCOPES = Object.keys(MANAGE.keys.scopes) as KeyScope[];
const A_DAY = 86_400_000; // milliseconds

export function Keys(_props: ViewProps) {
  const asked = useAnswer(KeysDocument, {});
  const { data } = asked;
  useShell(data);
  const revoke = useAct(RevokeKeyDocument);
  const [revoking, setRevoking] = useState<One | null>(null);
  const texts = MANAGE.keys;
  const { columns } = texts;
  const names = new Map(data?.pixels.nodes?.map(({ id, name }) => [id, name]));
  const take = async () => {
    if (!revoking || !(await revoke.run({ id: revoking.id }))) return;
    setRevoking(null);
    asked.again();
  };
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [troubleOf(data.keys), troubleOf(data.app)] : []} />
      <Block first title={MANAGE.sections.keys} about={texts.about} busy={!data}>
        <List
          name={MANAGE.sections.keys}
          head={[columns.name, columns.scopes, columns.pixels, columns.used, columns.expires, ""]}
          none={texts.none}
          rows={
            data?.keys.nodes?.map((key) => ({
              id: key.id,
              cells: [
                key.name,
                key.scopes.map((scope) => <div key={scope}>{texts.scopes[scope]}</div>),
                key.pixelIds?.map((id) => names.get(id) ?? id).join(", ") ?? texts.all,
                key.lastUsed ? agoText(key.lastUsed, Date.now()) : texts.never,
                key.expiresAt ? timeText(key.expiresAt, "day") : texts.never,
                <button type="button" class="link undo" aria-label={`${texts.revoke}: ${key.name}`} onClick={() => setRevoking(key)}>
                  {texts.revoke}
                </button>,
              ],
            })) ?? null
          }
        />
      </Block>
      <Create done={asked.again} />
      <AppSecret app={data?.app.app ?? null} done={asked.again} />
      {revoking && (
        <Ask
          title={texts.revokeTitle(revoking.name)}
          does={texts.revoke}
          trouble={revoke.trouble}
          run={take}
          close={() => setRevoking(null)}
        >
          <p>{texts.revokeText}</p>
        </Ask>
      )}
    </>
  );
}

const toggled = <Item,>(items: readonly Item[], item: Item): Item[] =>
  items.includes(item) ? items.filter((one) => one !== item) : [...items, item];

function Create({ done }: { readonly done: () => void }) {
  const { pixels } = useContext(Session);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly KeyScope[]>(["RECORD"]);
  const [pixelIds, setPixelIds] = useState<readonly number[]>([]);
  const [days, setDays] = useState(0);
  const [secret, setSecret] = useState<string | null>(null);
  const { run, trouble } = useAct(CreateKeyDocument);
  const texts = MANAGE.keys;
  const submit = async () => {
    const expiresAt = days ? new Date(Date.now() + days * A_DAY).toISOString() : null;
    const answer = await run({ name, scopes: [...scopes], pixelIds: pixelIds.length ? [...pixelIds] : null, expiresAt });
    if (!answer) return;
    setSecret(answer.createKey.secret);
    setName(emptied(name));
    done();
  };
  return (
    <Block title={texts.create}>
      <Form does={texts.create} ready={scopes.length > 0} trouble={trouble} run={submit}>
        <Input label={texts.name} required value={name} autocomplete="off" change={setName} />
        <fieldset class="choice">
          <legend>{texts.scopesName}</legend>
          {SCOPES.map((scope) => (
            <label key={scope} class="check">
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => setScopes(toggled(scopes, scope))} />
              <span>{texts.scopes[scope]}</span>
            </label>
          ))}
        </fieldset>
        {pixels && pixels.length > 0 && (
          <fieldset class="choice">
            <legend>{texts.pixelsName}</legend>
            {pixels.map((pixel) => (
              <label key={pixel.id} class="check">
                <input type="checkbox" checked={pixelIds.includes(pixel.id)} onChange={() => setPixelIds(toggled(pixelIds, pixel.id))} />
                <span>{pixel.name}</span>
              </label>
            ))}
          </fieldset>
        )}
        <Select label={texts.ends} value={days} options={texts.endings} change={setDays} />
      </Form>
      {secret && (
        <div class="once" role="status">
          <p>{texts.secretText}</p>
          <Copied key={secret} text={secret} name={texts.secret} />
        </div>
      )}
    </Block>
  );
}
