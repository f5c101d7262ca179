/** The members of the app: invite, change, remove. */

import { useState } from "preact/hooks";
import { emptied, useAct } from "../../act";
import { useAnswer } from "../../answer";
import { troubleOf } from "../../graphql";
import { Ask } from "../../parts/Ask";
import { Copied } from "../../parts/Copied";
import { Field } from "../../parts/Field";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { List } from "../../parts/List";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { ROLES, type Role } from "../../rights";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { TEXTS } from "../../texts";
import { timeText } from "../../times";
import { Block } from "./Block";
import { ChangeMemberDocument, InviteMemberDocument, MembersDocument, RemoveMemberDocument, type MembersQuery } from "./manage.graphql.ts";

type One = NonNullable<MembersQuery["members"]["nodes"]>[number];

export function Members(_props: ViewProps) {
  const asked = useAnswer(MembersDocument, {});
  const { data } = asked;
  useShell(data);
  const change = useAct(ChangeMemberDocument);
  const remove = useAct(RemoveMemberDocument);
  const [removing, setRemoving] = useState<One | null>(null);
  const texts = MANAGE.members;
  const nameOf = ({ email }: One) => email ?? texts.unnamed;
  const set = async (id: string, role: Role) => {
    await change.run({ id, role });
    asked.again();
  };
  const take = async () => {
    if (!removing || !(await remove.run({ id: removing.id }))) return;
    setRemoving(null);
    asked.again();
  };
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [troubleOf(data.members)] : []} />
      <Block first title={MANAGE.sections.members} about={texts.about} busy={!data}>
        <List
          name={MANAGE.sections.members}
          head={[texts.columns.email, texts.columns.role, texts.columns.added, ""]}
          none={texts.unnamed}
          rows={
            data?.members.nodes?.map((member) => ({
              id: member.id,
              cells: [
                <>
                  {nameOf(member)} {member.id === data.me.member?.id && <span class="soft">({texts.you})</span>}
                </>,
                <RoleChoice
                  name={texts.roleOf(nameOf(member))}
                  role={member.role}
                  change={(role) => void set(member.id, role)}
                />,
                timeText(member.addedAt, "day"),
                <button type="button" class="link undo" aria-label={`${texts.remove}: ${nameOf(member)}`} onClick={() => setRemoving(member)}>
                  {texts.remove}
                </button>,
              ],
            })) ?? null
          }
        />
        <p role="alert" class="bad">
          {change.trouble}
        </p>
      </Block>
      <Invite done={asked.again} />
      {removing && (
        <Ask
          title={texts.removeTitle(nameOf(removing))}
          does={texts.remove}
          trouble={remove.trouble}
          run={take}
          close={() => setRemoving(null)}
        >
          <p>{texts.removeText}</p>
        </Ask>
      )}
    </>
  );
}

type ChoiceProps = { readonly name: string; readonly role: Role; readonly change: (role: Role) => void; readonly id?: string };

function RoleChoice({ name, role, change, id }: ChoiceProps) {
  return (
    <select {...(id ? { id } : { "aria-label": name })} value={role} onChange={(event) => change(event.currentTarget.value as Role)}>
      {ROLES.map((one) => (
        <option key={one} value={one}>
          {TEXTS.roles[one]}
          {id && `: ${MANAGE.members.roles[one]}`}
        </option>
      ))}
    </select>
  );
}

function Invite({ done }: { readonly done: () => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("VIEWER");
  const [invited, setInvited] = useState<{ readonly email: string; readonly link: string } | null>(null);
  const { run, trouble } = useAct(InviteMemberDocument);
  const texts = MANAGE.members;
  const submit = async () => {
    const answer = await run({ email, role });
    if (!answer) return;
    setInvited({ email, link: answer.inviteMember.link ?? "" });
    setEmail(emptied(email));
    done();
  };
  return (
    <Block title={texts.invite}>
      <Form does={texts.does} trouble={trouble} run={submit}>
        <Input label={texts.email} type="email" required value={email} autocomplete="off" change={setEmail} />
        <Field label={texts.role}>{({ id }) => <RoleChoice id={id} name={texts.role} role={role} change={setRole} />}</Field>
      </Form>
      {invited && (
        <div class="once" role="status">
          <p>{texts.linkText(invited.email)}</p>
          <Copied key={invited.link} text={invited.link} name={texts.link} />
        </div>
      )}
    </Block>
  );
}
