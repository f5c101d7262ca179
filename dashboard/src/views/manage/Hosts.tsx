/** A list of hosts of a pixel: add one, remove one. */

import { useState } from "preact/hooks";
import { emptied, useAct } from "../../act";
import type { Document } from "../../graphql";
import { Ask } from "../../parts/Ask";
import { BESIDE, Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { TEXTS } from "../../texts";
import { hostOf } from "../setup/MakePixel";
import { Block } from "./Block";

type Change = Document<object, { pixelId: number; text: string }>;

type Props = {
  readonly title: string;
  readonly about: string;
  readonly label: string;
  readonly none: string;
  readonly texts: readonly string[];
  readonly pixelId: number;
  readonly changes: boolean;
  readonly add: Change;
  readonly remove: Change;
  readonly removing: { readonly title: (text: string) => string; readonly text: string };
  readonly done: () => void;
};

export function Hosts({ title, about, label, none, texts, pixelId, changes, add, remove, removing, done }: Props) {
  const [text, setText] = useState("");
  const [asking, setAsking] = useState<string | null>(null);
  const adding = useAct(add);
  const taking = useAct(remove);
  const submit = async () => {
    if (!(await adding.run({ pixelId, text: hostOf(text) }))) return;
    setText(emptied(text));
    done();
  };
  const take = async () => {
    if (asking === null || !(await taking.run({ pixelId, text: asking }))) return;
    setAsking(null);
    done();
  };
  return (
    <Block title={title} about={about}>
      {texts.length === 0 && <p class="soft">{none}</p>}
      <ul class="hosts">
        {texts.map((one) => (
          <li key={one}>
            <span>{one}</span>
            {changes && (
              <button type="button" class="link" aria-label={`${TEXTS.remove}: ${one}`} onClick={() => setAsking(one)}>
                {TEXTS.remove}
              </button>
            )}
          </li>
        ))}
      </ul>
      {changes && (
        <Form className={BESIDE} does={TEXTS.add} trouble={adding.trouble} run={submit}>
          <Input label={label} required value={text} autocomplete="off" change={setText} />
        </Form>
      )}
      {asking !== null && (
        <Ask title={removing.title(asking)} does={TEXTS.remove} trouble={taking.trouble} run={take} close={() => setAsking(null)}>
          <p>{removing.text}</p>
        </Ask>
      )}
    </Block>
  );
}
