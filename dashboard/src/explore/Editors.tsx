/** The three texts of the page: the document, its variables, and the answer, each in an editor that outlives renders. */

import type { EditorView } from "@codemirror/view";
import { updateSchema } from "cm6-graphql";
import type { GraphQLSchema } from "graphql";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { answerView, documentEditor, setText, variablesEditor, type Doings } from "./editor";
import type { Written } from "./request";
import { TEXTS } from "./texts";

/** What the page does with the editors. */
export type Desk = {
  readonly written: () => Written;
  readonly cursor: () => number;
  readonly put: (written: Partial<Written>) => void;
};

type Props = {
  readonly first: Written;
  readonly schema: GraphQLSchema | null;
  readonly doings: Doings;
  /** Called once the editors are there. */
  readonly ready: (desk: Desk) => void;
};

export function Editors({ first, schema, doings, ready }: Props) {
  const boxes = [useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null)] as const;
  const views = useRef<readonly [EditorView, EditorView] | null>(null);
  const latest = useRef({ schema, doings });
  latest.current = { schema, doings };
  useLayoutEffect(() => {
    const [above, below] = boxes.map(({ current }) => current);
    if (!above || !below) return;
    const doing: Doings = {
      run: () => latest.current.doings.run(),
      changed: () => latest.current.doings.changed(),
      showInDocs: (place) => latest.current.doings.showInDocs(place),
    };
    const text = (view: EditorView) => view.state.doc.toString();
    const query = documentEditor(above, TEXTS.query, first.query, doing);
    const asked = () => ({ schema: latest.current.schema, query: text(query) });
    const variables = variablesEditor(below, TEXTS.variables, first.variables, doing, asked);
    views.current = [query, variables];
    ready({
      written: () => ({ query: text(query), variables: text(variables) }),
      cursor: () => query.state.selection.main.head,
      put: (written) => {
        if (written.query !== undefined) setText(query, written.query);
        if (written.variables !== undefined) setText(variables, written.variables);
      },
    });
    return () => [query, variables].forEach((view) => view.destroy());
  }, []);
  useEffect(() => {
    if (schema && views.current) updateSchema(views.current[0], schema);
  }, [schema]);
  return (
    <>
      <div class="code document" ref={boxes[0]} />
      <h2>{TEXTS.variables}</h2>
      <div class="code variables" ref={boxes[1]} />
    </>
  );
}

export function Answer({ text }: { readonly text: string }) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  useLayoutEffect(() => {
    if (!box.current) return;
    view.current = answerView(box.current, TEXTS.answer, TEXTS.before);
    return () => view.current?.destroy();
  }, []);
  // Before the browser paints: the answer comes with the line that tells of it.
  useLayoutEffect(() => {
    if (view.current) setText(view.current, text);
  }, [text]);
  return <div class="code answer" ref={box} />;
}
