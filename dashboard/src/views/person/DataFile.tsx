/** A button that makes a file of everything that is kept of a person. A copy for the person needs their addresses. */

import { useContext, useState } from "preact/hooks";
import { Ask } from "../../parts/Ask";
import { saveFile } from "../../save";
import { Session } from "../../session";
import { PEOPLE } from "../../texts/people";
import { personFile } from "./person_file";
import type { Addresses } from "./Profile";

export function DataFile({ id, isMasked, show }: Addresses & { readonly id: string }) {
  const { app } = useContext(Session);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const [asking, setAsking] = useState(false);
  const make = async () => {
    setAsking(false);
    setBusy(true);
    const file = await personFile(id, app);
    setBusy(false);
    if ("text" in file) saveFile(`person-${id}.json`, "application/json", file.text);
    setTrouble("trouble" in file ? file.trouble : "");
  };
  const { title, text, does } = PEOPLE.fileAsk;
  return (
    <>
      <span role="alert" class="bad">
        {trouble}
      </span>
      <button type="button" class="button" disabled={busy} onClick={() => (isMasked && show ? setAsking(true) : void make())}>
        {busy ? PEOPLE.fileBusy : isMasked && !show ? PEOPLE.fileMasked : PEOPLE.file}
      </button>
      {asking && show && (
        <Ask {...{ title, does, busy }} grave={false} trouble="" run={async () => void ((await show()) && (await make()))} close={() => setAsking(false)}>
          <p>{text}</p>
        </Ask>
      )}
    </>
  );
}
