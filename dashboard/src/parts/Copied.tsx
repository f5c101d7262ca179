/** A text to copy: a line to paste, a key that is shown once. */

import { useRef, useState } from "preact/hooks";
import { SHARED } from "../texts/shared";

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
      <button type="button" class="button" onClick={copy} aria-label={`${SHARED.copy}: ${name}`}>
        {done ? SHARED.copied : SHARED.copy}
      </button>
    </div>
  );
}

function select(box: HTMLElement | null): void {
  if (box) getSelection()?.selectAllChildren(box);
}
