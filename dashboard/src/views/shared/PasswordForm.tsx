/** The password of a share, which the visitor was given with the link. */

import { useState } from "preact/hooks";
import { TEXTS } from "../../texts";

type Props = { readonly trouble: string; readonly open: (password: string) => void };

export function PasswordForm({ trouble, open }: Props) {
  const [password, setPassword] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    open(password);
  };
  return (
    <main class="page">
      <form class="card message" onSubmit={submit}>
        <h1>{TEXTS.shared.title}</h1>
        <p role="alert" class="bad">
          {trouble}
        </p>
        <label>
          {TEXTS.shared.password}
          <input
            type="password"
            autocomplete="off"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button main">
          {TEXTS.shared.open}
        </button>
      </form>
    </main>
  );
}
