/** What a view asks, as a hook: the last answer stays until the next is there, and who is away is asked again. */

import { useContext, useLayoutEffect, useState } from "preact/hooks";
import { ask, awayIn, type Document, type Trouble } from "./graphql";
import { Session } from "./session";

export type Asked<Result, Variables = unknown> = {
  /** The last answer, of this question or the one before. */
  readonly data: Result | null;
  /** The question that it answers. */
  readonly of: Variables | null;
  readonly trouble: Trouble | null;
  readonly waiting: boolean;
  readonly again: () => void;
};

/** What is known, and which question was answered or refused last. */
type Known<Result, Variables> = Pick<Asked<Result, Variables>, "data" | "of" | "trouble"> & { readonly key: string };

const NOT_YET = { data: null, of: null, trouble: null, key: "" };
const AGAIN_AFTER = 3_000; // milliseconds: so long a part of the server takes to start again

/** Ask whenever the variables change; null asks nothing. */
export function useAnswer<Result extends object, Variables>(
  document: Document<Result, Variables>,
  variables: Variables | null,
): Asked<Result, Variables> {
  const session = useContext(Session);
  const [state, setState] = useState<Known<Result, Variables>>(NOT_YET);
  const [times, setTimes] = useState(0);
  const key = JSON.stringify(variables);
  const again = () => setTimes((before) => before + 1);
  // Not after the paint, as effects are: the server works while this page does.
  useLayoutEffect(() => {
    if (variables === null) return;
    const controller = new AbortController();
    let later = 0;
    ask(document, variables, { signal: controller.signal, app: session.app }).then(
      (answer) => {
        const trouble = "trouble" in answer ? answer.trouble : awayIn(answer.data);
        if (trouble?.kind === "signed-out") session.signedOut();
        if (trouble?.kind === "away") later = window.setTimeout(again, AGAIN_AFTER);
        setState((before) => {
          // An answer that lacks a part is shown only as long as no whole one is there.
          if ("trouble" in answer || (trouble && before.data && !awayIn(before.data))) return { ...before, trouble, key };
          return { data: answer.data, of: variables, trouble: null, key };
        });
      },
      () => {}, // another question was asked meanwhile
    );
    return () => {
      controller.abort();
      clearTimeout(later);
    };
  }, [document, key, times, session.app]);
  const { data, of, trouble } = state;
  return { data, of, trouble, waiting: state.key !== key, again };
}
