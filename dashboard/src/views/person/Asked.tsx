/** Asks before something is done about a person, and does it. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { go, type Address } from "../../address";
import { Ask } from "../../parts/Ask";
import { Input } from "../../parts/Input";
import { PEOPLE } from "../../texts/people";
import type { Asking } from "./asking";
import {
  ForgetDocument,
  MergeUsersDocument,
  RelinkDocument,
  SuppressDocument,
  UnlinkDocument,
  UnmergeDocument,
  UnsuppressDocument,
  type ContactInput,
} from "./changing.graphql.ts";
import { contactOf, isMasked, selectorOf } from "./selectors";

type Props = {
  readonly address: Address;
  readonly id: string;
  readonly name: string;
  readonly contacts: readonly string[];
  readonly asking: Asking;
  /** It is done: what is shown is old. */
  readonly done: () => void;
  readonly close: () => void;
};

export function Asked(props: Props) {
  switch (props.asking.what) {
    case "unlink":
      return <Unlink {...props} visitorId={props.asking.visitorId} />;
    case "relink":
      return <Relink {...props} undone={props.asking.id} />;
    case "unmerge":
      return <Unmerge {...props} undone={props.asking.id} />;
    case "merge":
      return <Merge {...props} />;
    case "suppress":
      return <Suppress {...props} />;
    case "unsuppress":
      return <Unsuppress {...props} />;
    case "forget":
      return <Forget {...props} />;
  }
}

function Unlink({ id, visitorId, done, close }: Props & { readonly visitorId: string }) {
  const { run, trouble } = useAct(UnlinkDocument);
  const { title, text, button } = PEOPLE.unlink;
  const unlink = async () => (await run({ by: { id }, visitorId })) && done();
  return (
    <Ask title={title} does={button} {...{ trouble, close }} run={unlink}>
      <p>{text(visitorId)}</p>
    </Ask>
  );
}

function Relink({ undone, done, close }: Props & { readonly undone: string }) {
  const { run, trouble } = useAct(RelinkDocument);
  const { undo, undoText } = PEOPLE.unlink;
  return (
    <Ask title={undo} does={undo} grave={false} {...{ trouble, close }} run={async () => (await run({ id: undone })) && done()}>
      <p>{undoText}</p>
    </Ask>
  );
}

function Unmerge({ undone, done, close }: Props & { readonly undone: string }) {
  const { run, trouble } = useAct(UnmergeDocument);
  const { title, text, button } = PEOPLE.unmerge;
  return (
    <Ask title={title} does={button} {...{ trouble, close }} run={async () => (await run({ id: undone })) && done()}>
      <p>{text}</p>
    </Ask>
  );
}

function Merge({ address, id, name, done, close }: Props) {
  const { run, trouble } = useAct(MergeUsersDocument);
  const [other, setOther] = useState("");
  const { title, text, does } = PEOPLE.merge;
  const merge = async () => {
    const merged = await run({ one: { id }, other: selectorOf(other) });
    if (!merged) return;
    done();
    const survivor = merged.mergeUsers.user?.id;
    if (survivor && survivor !== id) go({ ...address, path: ["person", survivor] }, "replace");
  };
  return (
    <Ask title={title(name)} grave={false} ready={other.trim() !== ""} {...{ does, trouble, close }} run={merge}>
      <p>{text}</p>
      <Input label={PEOPLE.merge.other} required value={other} change={setOther} />
    </Ask>
  );
}

/** The contacts that can be named: a masked one names nobody. */
const nameable = (contacts: readonly string[]): ContactInput[] =>
  contacts.filter((one) => !isMasked(one)).flatMap((one) => contactOf(one) ?? []);

function Suppress({ name, contacts, done, close }: Props) {
  const { run, trouble } = useAct(SuppressDocument);
  const [reason, setReason] = useState("");
  const { title, text, does, impossible } = PEOPLE.suppress;
  const named = nameable(contacts);
  const suppress = async () => (await run({ contacts: named, reason: reason || null })) && done();
  return (
    <Ask title={title(name)} ready={named.length > 0} {...{ does, trouble, close }} run={suppress}>
      <p>{named.length ? text : impossible}</p>
      <Input label={PEOPLE.suppress.reason} maxLength={500} value={reason} change={setReason} />
    </Ask>
  );
}

function Unsuppress({ name, contacts, done, close }: Props) {
  const { run, trouble } = useAct(UnsuppressDocument);
  const { lift, liftTitle, liftText, impossible } = PEOPLE.suppress;
  const named = nameable(contacts);
  return (
    <Ask
      title={liftTitle(name)}
      does={lift}
      grave={false}
      ready={named.length > 0}
      {...{ trouble, close }}
      run={async () => (await run({ contacts: named })) && done()}
    >
      <p>{named.length ? liftText : impossible}</p>
    </Ask>
  );
}

function Forget({ address, id, name, close }: Props) {
  const { run, trouble } = useAct(ForgetDocument);
  const [tombstone, setTombstone] = useState(false);
  const { title, text, does } = PEOPLE.forget;
  const forget = async () => {
    const done = await run({ by: { id }, tombstone });
    const receipt = done?.forget.erasure?.id;
    if (receipt) go({ ...address, pixel: null, path: ["settings", "erasures", receipt], filter: [], options: {} }, "replace");
  };
  return (
    <Ask title={title(name)} {...{ does, name, trouble, close }} run={forget}>
      <p>{text}</p>
      <label class="check">
        <input type="checkbox" checked={tombstone} onChange={(event) => setTombstone(event.currentTarget.checked)} />
        {PEOPLE.forget.tombstone}
      </label>
    </Ask>
  );
}
