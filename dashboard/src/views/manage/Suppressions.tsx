/** Contacts that must not be recognised: listed, added, lifted. */

import { useState } from "preact/hooks";
import { emptied, useAct } from "../../act";
import { useAnswer } from "../../answer";
import { troubleOf } from "../../graphql";
import { shown } from "../../numbers";
import { Ask } from "../../parts/Ask";
import { Field } from "../../parts/Field";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { List } from "../../parts/List";
import { Notices } from "../../parts/Notice";
import { Pages } from "../../parts/Pages";
import { Progress } from "../../parts/Progress";
import { may } from "../../rights";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { TEXTS } from "../../texts";
import { timeText } from "../../times";
import { SuppressDocument, UnsuppressDocument } from "../person/changing.graphql.ts";
import { contactOf, isMasked } from "../person/selectors";
import { Block } from "./Block";
import { SuppressionsDocument } from "./manage.graphql.ts";

export function Suppressions({ address }: ViewProps) {
  const asked = useAnswer(SuppressionsDocument, { after: address.options.after ?? null });
  const { data } = asked;
  useShell(data);
  const [lifting, setLifting] = useState<string | null>(null);
  const unsuppress = useAct(UnsuppressDocument);
  const changes = may(data?.me.role ?? null, "EDITOR");
  const nodes = data?.suppressions.nodes ?? null;
  const texts = MANAGE.suppressions;
  const lift = async () => {
    const contact = lifting === null ? null : contactOf(lifting);
    if (!contact || !(await unsuppress.run({ contacts: [contact] }))) return;
    setLifting(null);
    asked.again();
  };
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [troubleOf(data.suppressions)] : []} />
      <Block first title={MANAGE.sections.suppressions} about={texts.about} busy={!data}>
        <List
          name={MANAGE.sections.suppressions}
          head={[texts.columns.contact, texts.columns.reason, texts.columns.since, texts.columns.until, ""]}
          none={texts.none}
          rows={
            nodes?.map(({ id, by, contact, reason, createdAt, expiresAt }) => ({
              id,
              cells: [
                contact ?? <span class="soft">{texts.digest(by)}</span>,
                reason,
                timeText(createdAt, "day"),
                expiresAt ? timeText(expiresAt, "day") : texts.forEver,
                changes && contact && !isMasked(contact) && (
                  <button type="button" class="link undo" aria-label={`${texts.lift}: ${contact}`} onClick={() => setLifting(contact)}>
                    {texts.lift}
                  </button>
                ),
              ],
            })) ?? null
          }
        />
        {changes && nodes?.some(({ contact }) => contact && isMasked(contact)) && <p class="soft">{texts.masked}</p>}
        <Pages address={address} asked={asked} page={data?.suppressions.pageInfo} next={TEXTS.next} first={TEXTS.first} />
      </Block>
      {data && (changes ? <Add done={asked.again} /> : <p class="soft">{texts.needs}</p>)}
      {lifting !== null && (
        <Ask
          title={texts.liftTitle(lifting)}
          does={texts.lift}
          grave={false}
          trouble={unsuppress.trouble}
          run={lift}
          close={() => setLifting(null)}
        >
          <p>{texts.liftText}</p>
        </Ask>
      )}
    </>
  );
}

function Add({ done }: { readonly done: () => void }) {
  const [lines, setLines] = useState("");
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState("");
  const [said, setSaid] = useState("");
  const { run, trouble } = useAct(SuppressDocument);
  const texts = MANAGE.suppressions;
  const submit = async () => {
    setSaid("");
    const given = lines.split("\n").map((line) => line.trim()).filter(Boolean);
    const odd = given.find((line) => !contactOf(line));
    setWrong(odd === undefined ? "" : texts.invalid(odd));
    if (odd !== undefined) return;
    const answer = await run({ contacts: given.flatMap((line) => contactOf(line) ?? []), reason: reason || null });
    const refused = answer?.suppress.results?.find(({ code }) => code !== 200);
    if (refused) setWrong(refused.message);
    if (!answer) return;
    setSaid(texts.done(shown(answer.suppress.results?.filter(({ code }) => code === 200).length, "count")));
    setLines(emptied(lines));
    done();
  };
  return (
    <Block title={texts.add}>
      <Form does={texts.add} trouble={wrong || trouble} run={submit}>
        <Field label={texts.contacts}>
          {(props) => <textarea {...props} rows={3} required value={lines} onInput={(event) => setLines(event.currentTarget.value)} />}
        </Field>
        <Input label={texts.reason} maxLength={500} value={reason} change={setReason} />
        <p role="status">{said}</p>
      </Form>
    </Block>
  );
}
