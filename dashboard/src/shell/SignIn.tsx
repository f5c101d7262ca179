/** Signing in, where nobody is: by the link of a command, or by email and password. */

import { useEffect, useState } from "preact/hooks";
import { ask, troubleOf, type Document, type Root } from "../graphql";
import { TEXTS } from "../texts";
import { SignInByLinkDocument, SignInDocument } from "./sign_in.graphql.ts";

type Props = {
  /** Of a link that somebody followed; null: none. */
  readonly token: string | null;
  readonly signedIn: () => void;
};

export function SignIn({ token, signedIn }: Props) {
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(token !== null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const tell = (message: string) => {
    setBusy(false);
    setTrouble(message);
    if (!message) signedIn();
  };
  useEffect(() => {
    if (token !== null) void tried(SignInByLinkDocument, { token }).then(tell);
  }, [token]);
  const submit = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    void tried(SignInDocument, { email, password }).then(tell);
  };
  return (
    <main class="page">
      <form class="card message" onSubmit={submit} aria-busy={busy}>
        <h1>{TEXTS.signIn.title}</h1>
        <p role="alert" class="bad">
          {trouble}
        </p>
        <label>
          {TEXTS.signIn.email}
          <input
            type="email"
            autocomplete="username"
            required
            value={email}
            disabled={busy}
            onInput={(event) => setEmail(event.currentTarget.value)}
          />
        </label>
        <label>
          {TEXTS.signIn.password}
          <input
            type="password"
            autocomplete="current-password"
            required
            value={password}
            disabled={busy}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button main" disabled={busy}>
          {busy ? TEXTS.signIn.busy : TEXTS.signIn.title}
        </button>
        <p class="soft">{TEXTS.signIn.without}</p>
        <pre>{TEXTS.signIn.command}</pre>
      </form>
    </main>
  );
}

/** What was wrong, or nothing. */
async function tried<Result extends object, Variables>(document: Document<Result, Variables>, variables: Variables): Promise<string> {
  const answer = await ask(document, variables);
  if ("trouble" in answer) return answer.trouble.message;
  const [root] = Object.values(answer.data) as Root[];
  return (root && troubleOf(root)?.message) ?? "";
}

const LINK = /^#sign-in=([^&]+)$/;

/** The token of a link that was followed. It is taken out of the address: nobody should see or keep it. */
export function takeToken(): string | null {
  const token = LINK.exec(location.hash)?.[1];
  if (token) history.replaceState(null, "", "#/");
  return token ?? null;
}
