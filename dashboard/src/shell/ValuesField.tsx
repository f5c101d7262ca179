/** The values of a condition: chosen ones, and a combobox that suggests those which the pixel has. Any text may be typed.
 *
 * It follows the pattern of WAI-ARIA: arrows move, Enter takes, Escape closes, and the focus stays in the field. */

import { useContext, useEffect, useId, useState } from "preact/hooks";
import type { Address } from "../address";
import type { Condition } from "../filters";
import { ask } from "../graphql";
import { shown } from "../numbers";
import { TableDocument, type RowFragment } from "../parts/report.graphql.ts";
import { Session } from "../session";
import { TEXTS } from "../texts";
import { meant, suggestionsAsked, suggestionsOf, valueName } from "./suggestions";

const PAUSE = 250; // milliseconds without a key, before the server is asked

/** A condition while it is written: the text in the field is a value, too, once the form is sent. */
export type Draft = Condition & { readonly text: string };

type Props = { readonly address: Address; readonly draft: Draft; readonly change: (draft: Draft) => void };

export function ValuesField({ address, draft, change }: Props) {
  const { dimension, values, text } = draft;
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const id = useId();
  const suggestions = suggestionsOf(useRows(address, draft, open), draft, text);
  const isOpen = open && suggestions.length > 0;
  const place = Math.min(active, suggestions.length - 1);
  const write = (changed: Partial<Draft>, opens: boolean) => {
    change({ ...draft, ...changed });
    setOpen(opens);
    setActive(-1);
  };
  const add = (given: readonly string[]) => write({ values: [...new Set([...values, ...given])], text: "" }, false);
  const move = (by: number) => {
    const count = suggestions.length;
    setOpen(true);
    if (count) setActive((((place < 0 && by < 0 ? 0 : place) + by + count) % count + count) % count);
  };
  const pressed = (event: KeyboardEvent) => {
    const done = KEYS[event.key]?.(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const KEYS: Record<string, (event: KeyboardEvent) => boolean> = {
    ArrowDown: () => (move(1), true),
    ArrowUp: () => (move(-1), true),
    Escape: () => isOpen && (setOpen(false), setActive(-1), true),
    Enter: ({ isComposing }) => {
      const chosen = isOpen ? suggestions[place] : undefined;
      if (isComposing || (!chosen && !text.trim())) return false;
      add([chosen?.value ?? meant(suggestions, text)]);
      return true;
    },
    Backspace: () => text === "" && values.length > 0 && (write({ values: values.slice(0, -1) }, false), true),
  };
  return (
    <div class="values">
      <label for={id}>{TEXTS.filter.values}</label>
      {values.length > 0 && (
        <ul class="chosen" aria-label={TEXTS.filter.added}>
          {values.map((value) => (
            <li key={value} class="chip">
              <span>{valueName(dimension, value)}</span>
              <button
                type="button"
                aria-label={TEXTS.filter.drop1(valueName(dimension, value))}
                onClick={() => write({ values: values.filter((one) => one !== value) }, false)}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        id={id}
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-activedescendant={isOpen && place >= 0 ? `${id}-${place}` : undefined}
        value={text}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onInput={(event) => write({ text: event.currentTarget.value }, true)}
        onPaste={(event) => pasted(event, add)}
        onKeyDown={pressed}
      />
      <ul id={`${id}-list`} class="suggested" role="listbox" aria-label={TEXTS.filter.suggested(nameOfDimension(dimension))} hidden={!isOpen}>
        {suggestions.map(({ value, name, count }, number) => (
          <li
            key={value}
            id={`${id}-${number}`}
            role="option"
            aria-selected={number === place}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => add([value])}
          >
            <span>{name}</span> <span class="soft">{shown(count, "count")}</span>
          </li>
        ))}
      </ul>
      <span class="hidden" role="status">
        {isOpen && TEXTS.filter.found(suggestions.length)}
      </span>
    </div>
  );
}

const nameOfDimension = (dimension: Condition["dimension"]) => TEXTS.dimensions[dimension as keyof typeof TEXTS.dimensions];

/** A field of one line would join the lines that are pasted: each is a value. */
function pasted(event: ClipboardEvent, add: (lines: readonly string[]) => void): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (lines.length < 2) return;
  event.preventDefault();
  add(lines);
}

/** The rows to suggest from, asked once after a pause; none where they cannot be read, which is no trouble of the form. */
function useRows(address: Address, { dimension, text }: Draft, open: boolean): readonly RowFragment[] {
  const { app } = useContext(Session);
  const [answer, setAnswer] = useState<{ readonly of: string; readonly rows: readonly RowFragment[] }>({ of: "", rows: [] });
  const report = suggestionsAsked(address, dimension, text);
  const key = JSON.stringify(report);
  useEffect(() => {
    if (!open || answer.of === key) return;
    const controller = new AbortController();
    const later = window.setTimeout(() => {
      ask(TableDocument, { report }, { signal: controller.signal, app }).then(
        (asked) => setAnswer({ of: key, rows: ("data" in asked && asked.data.report.rows) || [] }),
        () => {}, // something else is typed meanwhile
      );
    }, PAUSE);
    return () => {
      clearTimeout(later);
      controller.abort();
    };
  }, [key, open, app]);
  return answer.of === key ? answer.rows : [];
}
