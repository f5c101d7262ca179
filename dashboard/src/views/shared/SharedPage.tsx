/** The page of a share: its figures, and its people if the owner said so, as the views of members show them, for anybody who has the link. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { go } from "../../address";
import { ask, sendBearer } from "../../graphql";
import { Progress } from "../../parts/Progress";
import { NOBODY, Session, type Known } from "../../session";
import { Lost } from "../../shell/Lost";
import { Shell } from "../../shell/Shell";
import type { ViewProps } from "../../shell/view";
import { TEXTS } from "../../texts";
import { viewOf } from "../views";
import { PasswordForm } from "./PasswordForm";
import { OpenShareDocument, type OpenShareMutation } from "./shared.graphql.ts";

type Share = NonNullable<OpenShareMutation["openShare"]["share"]>;

type State =
  | { readonly kind: "opening" }
  | { readonly kind: "locked"; readonly trouble: string }
  | { readonly kind: "closed"; readonly trouble: string }
  | { readonly kind: "open"; readonly share: Share };

/** The views that a share shows. The documents that they ask are listed in `shared.mjs`. */
const viewsOf = ({ showPeople }: Share): readonly string[] => (showPeople ? ["", "table", "people"] : ["", "table"]);

export function SharedPage({ address }: ViewProps) {
  const [token, setToken] = useState(address.share);
  const [state, setState] = useState<State>({ kind: "opening" });
  const open = async (password?: string) => setState(await opened(token, password));
  const again = () => {
    setState({ kind: "opening" });
    void open();
  };
  useEffect(again, [token]);
  // Another link may be pasted into the address. A link within the page may have lost the token.
  useEffect(() => {
    if (address.share && address.share !== token) setToken(address.share);
  }, [address.share]);
  const share = state.kind === "open" ? state.share : null;
  const isHere = share !== null && address.pixel === share.pixelId && address.share === token && isPart(share, address.path);
  useEffect(() => {
    if (!share || isHere) return;
    go({ ...address, share: token, pixel: share.pixelId, path: isPart(share, address.path) ? address.path : [] }, "replace");
  }, [share, isHere]);
  useEffect(() => {
    if (share) document.title = share.name;
  }, [share]);
  if (state.kind === "locked") return <PasswordForm trouble={state.trouble} open={open} />;
  if (state.kind === "closed") return <Closed trouble={state.trouble} />;
  return share && isHere ? <Opened {...{ address, share, again }} /> : <Progress waiting={true} />;
}

const isPart = (share: Share, [name = ""]: readonly string[]) => viewsOf(share).includes(name);

type OpenedProps = ViewProps & { readonly share: Share; readonly again: () => void };

function Opened({ address, share, again }: OpenedProps) {
  const [known, setKnown] = useState<Known>(NOBODY);
  const session = useMemo(
    () => ({
      ...known,
      app: null,
      learn: (more: Partial<Known>) => setKnown((before) => ({ ...before, ...more })),
      signedOut: again,
    }),
    [known],
  );
  const View = viewOf(address)?.component ?? Lost;
  return (
    <Session.Provider value={session}>
      <Shell address={address} shared={{ title: share.name, views: viewsOf(share) }}>
        <View key={address.path.join("/")} address={address} />
      </Shell>
    </Session.Provider>
  );
}

function Closed({ trouble }: { readonly trouble: string }) {
  return (
    <main class="page">
      <section class="card message" role="alert">
        <h1>{TEXTS.shared.closed}</h1>
        <p>{trouble}</p>
      </section>
    </main>
  );
}

/** Open a share, and send from now on what that answers. */
async function opened(token: string | null, password?: string): Promise<State> {
  if (!token) return { kind: "closed", trouble: TEXTS.shared.incomplete };
  sendBearer(""); // with that of before, only the documents of views are answered
  const answer = await ask(OpenShareDocument, { token, password: password ?? null });
  if ("trouble" in answer) return { kind: "closed", trouble: answer.trouble.message };
  const { share, bearer, reason, message } = answer.data.openShare;
  if (reason === "SHARE_PASSWORD_NEEDED") return { kind: "locked", trouble: "" };
  if (reason === "SHARE_PASSWORD_WRONG" || reason === "SHARE_LOCKED" || reason === "SIGN_INS_BUSY") return { kind: "locked", trouble: message };
  if (!share || !bearer) return { kind: "closed", trouble: message };
  // By the id the server has decided who may frame this page: it must be that of the share that is shown.
  if (share.id !== new URLSearchParams(location.search).get("id")) return { kind: "closed", trouble: TEXTS.shared.incomplete };
  sendBearer(bearer);
  return { kind: "open", share };
}
