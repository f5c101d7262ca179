/** The form that sets the password. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { MANAGE } from "../../texts/manage";
import { Block } from "./Block";
import { SetPasswordDocument } from "./manage.graphql.ts";

type Props = { readonly email: string | null; readonly hasPassword: boolean; readonly done: () => void };

export function Password({ email, hasPassword, done }: Props) {
  const [address, setAddress] = useState("");
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [said, setSaid] = useState("");
  const { run, trouble } = useAct(SetPasswordDocument);
  const texts = MANAGE.account;
  const submit = async () => {
    setSaid("");
    if (!(await run({ password, current: current || null, email: email ? null : address }))) return;
    setCurrent("");
    setPassword("");
    setSaid(texts.changed);
    done();
  };
  return (
    <Block title={texts.password}>
      <Form does={texts.set} trouble={trouble} run={submit}>
        {email ? (
          <input class="hidden" type="text" autocomplete="username" value={email} readOnly tabIndex={-1} aria-hidden="true" />
        ) : (
          <Input label={texts.email} type="email" required autocomplete="username" value={address} change={setAddress} />
        )}
        {hasPassword && (
          <Input label={texts.current} hint={texts.currentHint} type="password" autocomplete="current-password" value={current} change={setCurrent} />
        )}
        <Input label={texts.new} hint={texts.newHint} type="password" required minLength={10} autocomplete="new-password" value={password} change={setPassword} />
        <p role="status">{said}</p>
      </Form>
    </Block>
  );
}
