/** The receipt of an erasure: what was erased, and when. It is looked at again until all is done. */

import { useEffect } from "preact/hooks";
import { useAnswer } from "../../answer";
import { hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { shown } from "../../numbers";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { saveFile } from "../../save";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { timeText } from "../../times";
import { Block } from "./Block";
import { ReceiptDocument, type ReceiptQuery } from "./receipt.graphql.ts";

const EVERY = 1_500; // milliseconds

type Erasure = NonNullable<ReceiptQuery["erasure"]["erasure"]>;
const COUNTED = Object.keys(MANAGE.erasures.erased) as (keyof typeof MANAGE.erasures.erased)[];

export function Receipt({ address, id }: ViewProps & { readonly id: string }) {
  const asked = useAnswer(ReceiptDocument, { id });
  const { data, again } = asked;
  useShell(data);
  const erasure = data?.erasure.erasure ?? null;
  const waits = erasure !== null && !erasure.done;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(again, EVERY);
    return () => clearInterval(timer);
  }, [waits]);
  const texts = MANAGE.erasures;
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [troubleOf(data.erasure)] : []} />
      <p class="above">
        <a class="link" href={hrefOf({ ...address, path: ["settings", "erasures"], options: {} })}>
          ← {texts.back}
        </a>
      </p>
      <Block first title={texts.title} busy={!data}>
        {erasure && <Facts erasure={erasure} message={data!.erasure.message} />}
      </Block>
    </>
  );
}

/** The message says what an erasure waits for. */
function Facts({ erasure, message }: { readonly erasure: Erasure; readonly message: string }) {
  const { facts, erased, done, download } = MANAGE.erasures;
  const { id, requestedAt, doneBy, doneAt } = erasure;
  return (
    <>
      <p role="status" class={erasure.done ? "good" : ""}>
        {erasure.done ? done : `${message}.`}
      </p>
      <dl class="facts lined">
        <Fact name={facts.id} text={id} />
        <Fact name={facts.requested} text={timeText(requestedAt)} />
        {doneAt ? <Fact name={facts.doneAt} text={timeText(doneAt)} /> : <Fact name={facts.doneBy} text={timeText(doneBy)} />}
        {COUNTED.filter((name) => erasure.erased[name] !== null).map((name) => (
          <Fact key={name} name={erased[name]} text={shown(erasure.erased[name], "count")} />
        ))}
      </dl>
      <p class="buttons">
        <button type="button" class="button" onClick={() => saveFile(`receipt-${id}.json`, "application/json", JSON.stringify(erasure, null, 2))}>
          {download}
        </button>
      </p>
    </>
  );
}

const Fact = ({ name, text }: { readonly name: string; readonly text: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{text}</dd>
  </div>
);
