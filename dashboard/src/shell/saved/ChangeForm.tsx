/** What can be done with one saved view: another name, what is shown now, and removing it, which asks first. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useAct } from "../../act";
import type { Address } from "../../address";
import { useBusy } from "../../busy";
import { focus } from "../../focus";
import { SAVED } from "../../texts/saved";
import { showsOf } from "./kept";
import { ChangeViewDocument, RemoveViewDocument, type KeptFragment } from "./saved.graphql.ts";

type Props = {
  readonly view: KeptFragment;
  readonly address: Address;
  /** With what to say of it. */
  readonly done: (told: string) => void;
};

export function ChangeForm({ view, address, done }: Props) {
  const [name, setName] = useState(view.name);
  const [isAsking, setAsking] = useState(false);
  const changing = useAct(ChangeViewDocument);
  const removing = useAct(RemoveViewDocument);
  const { busy, once } = useBusy();
  const field = useRef<HTMLInputElement>(null);
  // Not after the paint, as effects are: whoever goes on at once would be brought back.
  useLayoutEffect(() => focus(field.current), []);
  const rename = async () => {
    if (await changing.run({ id: view.id, name })) done(SAVED.saved(name));
  };
  const overwrite = async () => {
    if (await changing.run({ id: view.id, shows: showsOf(address) })) done(SAVED.saved(view.name));
  };
  const remove = async () => {
    if (await removing.run({ id: view.id })) done(SAVED.removed(view.name));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void once(rename);
  };
  const keep = () => {
    setAsking(false);
    focus(field.current);
  };
  return (
    <form class="changing" aria-busy={busy} onSubmit={submit}>
      <label>
        <span class="hidden">{SAVED.newName(view.name)}</span>
        <input ref={field} required maxLength={100} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button" disabled={name.trim() === view.name}>
        {SAVED.rename}
      </button>
      <button type="button" class="button" onClick={() => once(overwrite)}>
        {SAVED.overwrite}
      </button>
      {!isAsking && (
        <button type="button" class="button" onClick={() => setAsking(true)}>
          {SAVED.remove}
        </button>
      )}
      <div role="alert">
        {isAsking && (
          <>
            <p>{SAVED.sure(view.name, view.owner === "APP")}</p>
            <button type="button" class="button grave" onClick={() => once(remove)}>
              {SAVED.remove}
            </button>{" "}
            <button type="button" class="button" ref={focus} onClick={keep}>
              {SAVED.keep}
            </button>
          </>
        )}
        <p class="bad">{changing.trouble || removing.trouble}</p>
      </div>
    </form>
  );
}
