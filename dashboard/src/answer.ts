/** What a view asks, as a hook: the last answer stays until the next is there, and who is away is asked again. */

import { useContext, useLayoutEffect, useState } from "preact/hooks";
import { ask, type Document, type Trouble } from "./graphql";
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
const AGAIN_AFTER = 8_000; // milliseconds

/** Ask whenever the variables change; null asks nothing. `isAway` looks into an answer for parts that could not be read. */
export function useAnswer<Result, Variables>(
  document: Document<Result, Variables>,
  variables: Variables | null,
  isAway: (data: Result) => boolean = () => false,
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
        if ("trouble" in answer) {
          if (answer.trouble.kind === "signed-out") session.signedOut();
          if (answer.trouble.kind === "away") later = window.setTimeout(again, AGAIN_AFTER);
          setState((before) => ({ ...before, trouble: answer.trouble, key }));
          return;
        }
        if (isAway(answer.data)) later = window.setTimeout(again, AGAIN_AFTER);
        setState({ data: answer.data, of: variables, trouble: null, key });
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
