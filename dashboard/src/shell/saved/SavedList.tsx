/** The saved views of a pixel: a click opens one, and what is shown now can be saved. */

import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { hrefOf, type Address } from "../../address";
import { useAct } from "../../act";
import { useAnswer } from "../../answer";
import { focus } from "../../focus";
import { troubleOf } from "../../graphql";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { may } from "../../rights";
import { Session } from "../../session";
import { SAVED } from "../../texts/saved";
import { ChangeForm } from "./ChangeForm";
import { addressOfView, isShown, showsOf } from "./kept";
import { SavedViewsDocument, SaveViewDocument, type KeptFragment } from "./saved.graphql.ts";

export type SavedListProps = { readonly address: Address; readonly close: () => void };

export function SavedList({ address, close }: SavedListProps) {
  const asked = useAnswer(SavedViewsDocument, { pixelId: address.pixel ?? 0 });
  const { role } = useContext(Session);
  const [changing, setChanging] = useState<string | null>(null);
  const [told, setTold] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const views = asked.data?.savedViews.nodes ?? null;
  const trouble = asked.trouble ?? (asked.data && troubleOf(asked.data.savedViews));
  useEffect(() => {
    if (views) focus(box.current?.querySelector<HTMLElement>("[aria-current=true], a, input"));
  }, [views === null]);
  const done = (text: string) => {
    setTold(text);
    focus(box.current?.querySelector<HTMLElement>("[aria-expanded=true]"));
    setChanging(null);
    asked.again();
  };
  return (
    <div class="saved" ref={box} aria-busy={asked.waiting}>
      {trouble && <p class="notice">{trouble.message}</p>}
      {views?.length === 0 && <p class="soft none">{SAVED.none}</p>}
      <ul class="choices">
        {views?.map((view) => (
          <li key={view.id}>
            <div class="one">
              <Opening {...{ view, address, close }} />
              {(view.owner === "MEMBER" || may(role, "EDITOR")) && (
                <button
                  type="button"
                  class="button square"
                  aria-label={SAVED.change(view.name)}
                  aria-expanded={changing === view.id}
                  onClick={() => setChanging(changing === view.id ? null : view.id)}
                >
                  ⋯
                </button>
              )}
            </div>
            {changing === view.id && <ChangeForm {...{ view, address, done }} />}
          </li>
        ))}
      </ul>
      {views && <NewView address={address} done={done} />}
      <p role="status" class="soft">
        {told}
      </p>
    </div>
  );
}

type OpeningProps = SavedListProps & { readonly view: KeptFragment };

function Opening({ view, address, close }: OpeningProps) {
  const there = addressOfView(view, address);
  const name = (
    <>
      <span>{view.name}</span>
      {view.owner === "APP" && <span class="soft">{SAVED.everybodys}</span>}
    </>
  );
  if (!there) return <span title={SAVED.ofApi}>{name}</span>;
  return (
    <a href={hrefOf(there)} aria-current={isShown(view, address) ? "true" : undefined} onClick={close}>
      {name}
    </a>
  );
}

function NewView({ address, done }: { readonly address: Address; readonly done: (told: string) => void }) {
  const { role, isMember } = useContext(Session);
  const [name, setName] = useState("");
  const [forAll, setForAll] = useState(!isMember);
  const [atAll, setAtAll] = useState(false);
  const { trouble, run } = useAct(SaveViewDocument);
  const save = async () => {
    const owner = forAll ? "APP" : "MEMBER";
    const answer = await run({ name, owner, pixelId: atAll ? null : address.pixel, shows: showsOf(address) });
    if (!answer?.saveView.view) return;
    setName("");
    done(SAVED.saved(answer.saveView.view.name));
  };
  return (
    <Form className="" does={SAVED.save} trouble={trouble} run={save}>
      <Input label={SAVED.name} required maxLength={100} autocomplete="off" value={name} change={setName} />
      {isMember && may(role, "EDITOR") && <Switch text={SAVED.forAll} on={forAll} turn={setForAll} />}
      <Switch text={SAVED.atAll} on={atAll} turn={setAtAll} />
    </Form>
  );
}

type SwitchProps = { readonly text: string; readonly on: boolean; readonly turn: (on: boolean) => void };

function Switch({ text, on, turn }: SwitchProps) {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} onChange={(event) => turn(event.currentTarget.checked)} />
      {text}
    </label>
  );
}
