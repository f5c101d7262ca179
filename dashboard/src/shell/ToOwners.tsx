/** What the owners of an app should know of the server, such as a promise that its operator does without. */

import { useContext } from "preact/hooks";
import { Session } from "../session";
import { TEXTS } from "../texts";

export function ToOwners() {
  const { notices } = useContext(Session);
  if (!notices.length) return null;
  return (
    <section aria-label={TEXTS.toOwners}>
      {notices.map((notice) => (
        <p class="notice" key={notice}>
          <span>{notice}</span>
        </p>
      ))}
    </section>
  );
}
