/** Signing in, where nobody is: by the link of a command, or by email and password. */

import { useEffect, useState } from "preact/hooks";
import { useAct } from "../act";
import { Form } from "../parts/Form";
import { Input } from "../parts/Input";
import { TEXTS } from "../texts";
import { SignInByLinkDocument, SignInDocument } from "./sign_in.graphql.ts";

type Props = {
  /** Of a link that somebody followed; null: none. */
  readonly token: string | null;
  readonly signedIn: () => void;
};

export function SignIn({ token, signedIn }: Props) {
  const link = useAct(SignInByLinkDocument);
  const form = useAct(SignInDocument);
  const [following, setFollowing] = useState(token !== null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const follow = async () => {
    if (token === null) return;
    if (await link.run({ token })) signedIn();
    setFollowing(false);
  };
  useEffect(() => void follow(), [token]);
  const signIn = async () => !following && (await form.run({ email, password })) && signedIn();
  return (
    <main class="page">
      <div class="card message" aria-busy={following}>
        <h1>{TEXTS.signIn.title}</h1>
        <Form
          className=""
          does={following ? TEXTS.signIn.busy : TEXTS.signIn.title}
          doing={TEXTS.signIn.busy}
          trouble={form.trouble || link.trouble}
          run={signIn}
        >
          <Input label={TEXTS.signIn.email} type="email" autocomplete="username" required value={email} change={setEmail} />
          <Input label={TEXTS.signIn.password} type="password" autocomplete="current-password" required value={password} change={setPassword} />
        </Form>
        <p class="soft">{TEXTS.signIn.without}</p>
        <pre>{TEXTS.signIn.command}</pre>
      </div>
    </main>
  );
}

const LINK = /^#sign-in=([^&]+)$/;

/** The token of a link that was followed. It is taken out of the address: nobody should see or keep it. */
export function takeToken(): string | null {
  const token = LINK.exec(location.hash)?.[1];
  if (token) history.replaceState(null, "", "#/");
  return token ?? null;
}
