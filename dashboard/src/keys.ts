/** Single keys. They can be switched off, since they get in the way of speech input (WCAG 2.1.4). */

import { useEffect } from "preact/hooks";
import { kept } from "./kept";

export type Keys = Readonly<Record<string, () => void>>;

export function useKeys(keys: Keys): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const todo = keys[event.key.toLowerCase()];
      if (!todo || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || !kept().keys) return;
      event.preventDefault();
      todo();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [keys]);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;
}
