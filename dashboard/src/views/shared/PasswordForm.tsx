/** The password of a share, which the visitor was given with the link. */

import { useState } from "preact/hooks";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { TEXTS } from "../../texts";

type Props = { readonly trouble: string; readonly open: (password: string) => Promise<void> };

export function PasswordForm({ trouble, open }: Props) {
  const [password, setPassword] = useState("");
  return (
    <main class="page">
      <div class="card message">
        <h1>{TEXTS.shared.title}</h1>
        <Form className="" does={TEXTS.shared.open} trouble={trouble} run={() => open(password)}>
          <Input label={TEXTS.shared.password} type="password" autocomplete="off" required value={password} change={setPassword} />
        </Form>
      </div>
    </main>
  );
}
