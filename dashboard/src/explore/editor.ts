/** CodeMirror as this page needs it: it writes its styles with the nonce of the page, and looks as the rest does. */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonLanguage, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintKeymap } from "@codemirror/lint";
import { EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { graphql, showInDocsCommand } from "cm6-graphql";
import type { GraphQLSchema } from "graphql";
import { placeOf, type Place } from "./schema";
import { completing } from "./variables";

const LOOKS = EditorView.theme({
  "&": { height: "100%", backgroundColor: "transparent", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--code)", fontSize: "var(--small)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)", padding: "0.6rem 0" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--soft)", border: "0" },
  ".cm-placeholder": { color: "var(--soft)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--bar)" },
  ".cm-tooltip": {
    backgroundColor: "var(--card)",
    border: "1px solid var(--line)",
    borderRadius: "var(--round)",
    boxShadow: "0 8px 24px var(--shadow)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--code)", fontSize: "var(--small)", maxHeight: "18em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.6rem", color: "var(--ink)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--bar)", color: "var(--ink)" },
  ".cm-completionDetail": { color: "var(--soft)", fontStyle: "normal" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionIcon": { display: "none" },
  ".cm-tooltip.cm-completionInfo": { padding: "0.5rem 0.7rem", maxWidth: "22rem", whiteSpace: "pre-line" },
  ".cm-diagnostic": { borderInlineStartWidth: "3px", padding: "0.3rem 0.7rem" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--blank)", border: "0", color: "var(--soft)" },
});

const COLOURS = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.definitionKeyword], fontWeight: "650" },
    { tag: [tags.variableName, tags.special(tags.name)], color: "var(--code-name)" },
    { tag: [tags.string], color: "var(--code-text)" },
    { tag: [tags.integer, tags.float, tags.number, tags.bool, tags.null], color: "var(--code-value)" },
    { tag: [tags.attributeName], color: "var(--soft)" },
    { tag: [tags.atom, tags.modifier], color: "var(--code-name)" },
    { tag: [tags.lineComment], color: "var(--soft)", fontStyle: "italic" },
    { tag: [tags.punctuation, tags.brace, tags.paren, tags.separator], color: "var(--soft)" },
  ]),
);

export type Doings = {
  readonly run: () => void;
  readonly changed: () => void;
  readonly showInDocs: (place: Place) => void;
};

/** The editor of the document. */
export function documentEditor(parent: HTMLElement, label: string, doc: string, doings: Doings): EditorView {
  const language = graphql(undefined, {
    onShowInDocs: (...at) => {
      const place = placeOf(...at);
      if (place) doings.showInDocs(place);
    },
  });
  const docs = keymap.of([{ key: "Alt-Enter", run: showInDocsCommand }]);
  return made(parent, label, doc, [writing(doings), Prec.highest(docs), language, lineNumbers(), EditorView.lineWrapping]);
}

/** The editor of the variables. */
export function variablesEditor(
  parent: HTMLElement,
  label: string,
  doc: string,
  doings: Doings,
  asked: () => { readonly schema: GraphQLSchema | null; readonly query: string },
): EditorView {
  const parses = jsonParseLinter();
  const wrong = linter((view) => (view.state.doc.toString().trim() ? parses(view) : []));
  const completes = jsonLanguage.data.of({ autocomplete: completing(asked) });
  return made(parent, label, doc, [writing(doings), json(), wrong, completes, lineNumbers(), EditorView.lineWrapping]);
}

/** The answer, to read. */
export function answerView(parent: HTMLElement, label: string, empty: string): EditorView {
  return made(parent, label, "", [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ tabindex: "0" }),
    EditorView.lineWrapping,
    json(),
    foldGutter(),
    placeholder(empty),
  ]);
}

/** Put a text into an editor. It can be undone. */
export function setText(view: EditorView, text: string): void {
  if (view.state.doc.toString() === text) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

// Tab is left to the browser: it leads out of the editor.
const writing = ({ run, changed }: Doings): Extension => [
  Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
  typingOver,
  history(),
  closeBrackets(),
  autocompletion({ icons: false }),
  indentOnInput(),
  keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...lintKeymap, ...defaultKeymap]),
  EditorView.updateListener.of((update) => update.docChanged && changed()),
];

/** Typing over a selection. Chromium itself would keep the style of what was there in a style attribute, against the policy. */
const typingOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main;
    const text = event.data;
    if (event.inputType !== "insertText" || !text || empty || view.composing) return false;
    const usual = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    const taken = view.state.facet(EditorView.inputHandler).some((take) => take(view, from, to, text, usual));
    if (!taken) view.dispatch(usual());
    return true;
  },
});

function made(parent: HTMLElement, label: string, doc: string, extensions: Extension): EditorView {
  const common = [nonce(), LOOKS, COLOURS, bracketMatching(), EditorView.contentAttributes.of({ "aria-label": label })];
  return new EditorView({ parent, state: EditorState.create({ doc, extensions: [extensions, common] }) });
}

/** The nonce of this page, which its style sheet has. Scripts may read it, style sheets may not. */
const nonce = () => EditorView.cspNonce.of(document.querySelector<HTMLElement>("link[nonce]")?.nonce ?? "");
