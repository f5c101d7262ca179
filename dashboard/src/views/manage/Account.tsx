/** The account of the member: addresses shown or masked, password, and where they are signed in. */

import { useContext, useState } from "preact/hooks";
import { useAct } from "../../act";
import { useAnswer } from "../../answer";
import { troubleOf } from "../../graphql";
import { Ask } from "../../parts/Ask";
import { List } from "../../parts/List";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { may } from "../../rights";
import { Session } from "../../session";
import { SignOutDocument } from "../../shell/sign_in.graphql.ts";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { agoText, timeText } from "../../times";
import { ShowAddressesDocument } from "../person/changing.graphql.ts";
import { Block } from "./Block";
import { browserText } from "./browser_text";
import { AccountDocument, RevokeSessionDocument, type AccountQuery } from "./manage.graphql.ts";
import { Password } from "./Password";

export function Account(_props: ViewProps) {
  const asked = useAnswer(AccountDocument, {});
  const { data } = asked;
  useShell(data);
  const texts = MANAGE.account;
  const member = data?.me.member ?? null;
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [troubleOf(data.sessions)] : []} />
      <Block first title={MANAGE.sections.account} busy={!data} {...(member ? { about: texts.about(member.email) } : {})}>
        {member && <Addresses shown={member.showAddresses} allowed={may(data?.me.role ?? null, "EDITOR")} done={asked.again} />}
      </Block>
      {member && <Password email={member.email} hasPassword={member.hasPassword} done={asked.again} />}
      <Sessions sessions={data?.sessions.nodes ?? null} done={asked.again} />
    </>
  );
}

function Addresses({ shown, allowed, done }: { readonly shown: boolean; readonly allowed: boolean; readonly done: () => void }) {
  const { run, trouble } = useAct(ShowAddressesDocument);
  const texts = MANAGE.account;
  const [on, setOn] = useState(shown);
  const change = async (wanted: boolean) => {
    setOn(wanted);
    if (await run({ on: wanted })) done();
    else setOn(!wanted);
  };
  return (
    <fieldset class="choice" disabled={!allowed}>
      <legend>{texts.addresses}</legend>
      <label class="check">
        <input type="checkbox" checked={on && allowed} onChange={(event) => void change(event.currentTarget.checked)} />
        <span>{texts.addressesText}</span>
      </label>
      {!allowed && <p class="soft">{texts.addressesNeed}</p>}
      <p role="alert" class="bad">
        {trouble}
      </p>
    </fieldset>
  );
}

type SessionsProps = { readonly sessions: AccountQuery["sessions"]["nodes"]; readonly done: () => void };

function Sessions({ sessions, done }: SessionsProps) {
  const { signedOut } = useContext(Session);
  const end = useAct(RevokeSessionDocument);
  const leave = useAct(SignOutDocument);
  const [asking, setAsking] = useState(false);
  const texts = MANAGE.account;
  const { columns } = texts;
  const take = async (id: string) => (await end.run({ id })) && done();
  const everywhere = async () => (await leave.run({ everywhere: true })) && signedOut();
  return (
    <Block
      title={texts.sessions}
      aside={
        <button type="button" class="button" onClick={() => setAsking(true)}>
          {texts.everywhere}
        </button>
      }
    >
      <List
        name={texts.sessions}
        head={[columns.browser, columns.since, columns.used, ""]}
        none={texts.unknown}
        rows={
          sessions?.map(({ id, createdAt, lastUsed, userAgent, current }) => {
            const browser = browserText(userAgent) || texts.unknown;
            return {
              id,
              cells: [
                <>
                  {browser} {current && <span class="soft">({texts.this})</span>}
                </>,
                timeText(createdAt),
                agoText(lastUsed, Date.now()),
                !current && (
                  <button type="button" class="link undo" aria-label={texts.endName(browser)} onClick={() => void take(id)}>
                    {texts.end}
                  </button>
                ),
              ],
            };
          }) ?? null
        }
      />
      <p role="alert" class="bad">
        {end.trouble}
      </p>
      {asking && (
        <Ask
          title={texts.everywhereTitle}
          does={texts.everywhere}
          trouble={leave.trouble}
          run={everywhere}
          close={() => setAsking(false)}
        >
          <p>{texts.everywhereText}</p>
        </Ask>
      )}
    </Block>
  );
}
