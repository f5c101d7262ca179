/** Changes something: one mutation at a time, and in words what stood in its way. */

import { useContext, useState } from "preact/hooks";
import { ask, troubleOf, type Document, type Root } from "./graphql";
import { Session } from "./session";

export type Act<Result, Variables> = {
  /** What was wrong with the last one; empty: nothing. */
  readonly trouble: string;
  /** Do it; null where it was refused. */
  readonly run: (variables: Variables) => Promise<Result | null>;
};

export function useAct<Result extends object, Variables>(document: Document<Result, Variables>): Act<Result, Variables> {
  const { app, signedOut } = useContext(Session);
  const [trouble, setTrouble] = useState("");
  const run = async (variables: Variables) => {
    setTrouble("");
    const answer = await ask(document, variables, { app });
    if ("trouble" in answer) {
      if (answer.trouble.kind === "signed-out") signedOut();
      setTrouble(answer.trouble.message);
      return null;
    }
    const refused = refusalOf(answer.data);
    setTrouble(refused);
    return refused ? null : answer.data;
  };
  return { trouble, run };
}

/** Empties a field whose text was sent, unless another was typed meanwhile. */
export const emptied = (sent: string) => (now: string) => (now === sent ? "" : now);

/** What the first refused field of an answer says; empty where all is done. */
export function refusalOf(data: object): string {
  return (Object.values(data) as (Root | null)[]).flatMap((root) => (root && troubleOf(root)?.message) ?? [])[0] ?? "";
}
