/** Signing in, where nobody is. */

import { TEXTS } from "../texts";

export function SignIn({ signedIn }: { readonly signedIn: () => void }) {
  return (
    <main class="page">
      <section class="card message">
        <h1>{TEXTS.signIn.title}</h1>
        <p>{TEXTS.signIn.text}</p>
        <pre>{TEXTS.signIn.command}</pre>
        <button type="button" class="button main" onClick={signedIn}>
          {TEXTS.again}
        </button>
      </section>
    </main>
  );
}
