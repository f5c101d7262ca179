/** Who calls: shown in the top line, and changed there. */

import { useState } from "preact/hooks";
import { Input } from "../parts/Input";
import { Menu } from "../parts/Menu";
import { Arrow } from "../parts/Choice";
import { TEXTS } from "./texts";
import { OF_SESSION, whoGave, type Known, type Who } from "./who";

type Props = {
  readonly who: Who;
  /** Undefined: not known yet. */
  readonly known: Known | undefined;
  readonly trouble: string;
  readonly use: (who: Who) => void;
};

export function Caller(props: Props) {
  const name = nameOf(props);
  return (
    <Menu label={<><span class="caller">{name}</span> <Arrow /></>} name={`${TEXTS.who.name}: ${name}`} end>
      {() => <Choosing {...props} />}
    </Menu>
  );
}

function nameOf({ who, known }: Props): string {
  if (known === undefined) return TEXTS.who.unknown;
  if (known === null) return TEXTS.who.nobody;
  const { app, member } = known.me;
  if (who.by === "session") return TEXTS.who.member(member?.email ?? null, app?.name ?? null);
  return TEXTS.who[who.by](app?.name ?? "");
}

function Choosing({ who, known, trouble, use }: Props) {
  const apps = known?.me.apps ?? [];
  return (
    <div class="display">
      {who.by === "session" && apps.length > 1 && (
        <label>
          {TEXTS.who.app}
          <select value={who.app ?? ""} onChange={(event) => use({ by: "session", app: event.currentTarget.value })}>
            {apps.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {who.by === "session" ? (
        <Giving known={known} use={use} />
      ) : (
        <button type="button" class="button" onClick={() => use(OF_SESSION)}>
          {TEXTS.who.forget}
        </button>
      )}
      <p role="alert" class="bad">
        {trouble}
      </p>
    </div>
  );
}

/** The fields have no names: browsers do not offer to keep what stands in them. */
function Giving({ known, use }: Pick<Props, "known" | "use">) {
  const [appId, setAppId] = useState("");
  const [secret, setSecret] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    use(whoGave(appId.trim(), secret.trim()));
  };
  return (
    <form onSubmit={submit} class="giving" autocomplete="off">
      <p class="soft">{TEXTS.who.explain}</p>
      {known === null && (
        <p>
          <a class="link" href="./">
            {TEXTS.who.toDashboard}
          </a>
        </p>
      )}
      <Input label={TEXTS.who.appId} autocomplete="off" spellcheck={false} value={appId} change={setAppId} />
      <Input label={TEXTS.who.appSecret} type="password" autocomplete="one-time-code" required value={secret} change={setSecret} />
      <button type="submit" class="button main">
        {TEXTS.who.use}
      </button>
    </form>
  );
}
