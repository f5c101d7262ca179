/** A button that makes a file of everything that is kept of a person. A copy for the person needs their addresses. */

import { useContext, useState } from "preact/hooks";
import { useBusy } from "../../busy";
import { Ask } from "../../parts/Ask";
import { saveFile } from "../../save";
import { Session } from "../../session";
import { PEOPLE } from "../../texts/people";
import { personFile } from "./person_file";
import type { Addresses } from "./Profile";

export function DataFile({ id, isMasked, show }: Addresses & { readonly id: string }) {
  const { app } = useContext(Session);
  const { busy, once } = useBusy();
  const [trouble, setTrouble] = useState("");
  const [asking, setAsking] = useState(false);
  const make = async () => {
    setAsking(false);
    const file = await personFile(id, app);
    if ("text" in file) saveFile(`person-${id}.json`, "application/json", file.text);
    setTrouble("trouble" in file ? file.trouble : "");
  };
  const { title, text, does } = PEOPLE.fileAsk;
  return (
    <>
      <span role="alert" class="bad">
        {trouble}
      </span>
      <button type="button" class="button" onClick={() => (isMasked && show ? setAsking(true) : once(make))}>
        {busy ? PEOPLE.fileBusy : isMasked && !show ? PEOPLE.fileMasked : PEOPLE.file}
      </button>
      {asking && show && (
        <Ask {...{ title, does }} grave={false} trouble="" run={async () => (await show()) && once(make)} close={() => setAsking(false)}>
          <p>{text}</p>
        </Ask>
      )}
    </>
  );
}
