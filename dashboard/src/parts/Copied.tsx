/** A text to copy: a line to paste, a key that is shown once. */

import { useRef, useState } from "preact/hooks";
import { TEXTS } from "../texts";

export function Copied({ text, name }: { readonly text: string; readonly name: string }) {
  const [done, setDone] = useState(false);
  const box = useRef<HTMLPreElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
    } catch {
      select(box.current); // without https there is no clipboard: it is marked, to be copied by keys
    }
  };
  return (
    <div class="copied">
      <pre ref={box} tabIndex={0} aria-label={name}>
        {text}
      </pre>
      <button type="button" class="button" onClick={copy} aria-label={`${TEXTS.copy}: ${name}`}>
        {done ? TEXTS.copied : TEXTS.copy}
      </button>
    </div>
  );
}

function select(box: HTMLElement | null): void {
  if (box) getSelection()?.selectAllChildren(box);
}
