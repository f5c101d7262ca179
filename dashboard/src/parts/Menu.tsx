/** A button that opens a small panel: it closes with Escape, by a click outside and when the focus leaves it. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

type Props = {
  readonly label: ComponentChildren;
  readonly name: string;
  readonly className?: string;
  readonly end?: boolean;
  /** Opened from elsewhere, by a key: each new number opens it. */
  readonly opened?: number;
  readonly children: (close: () => void) => ComponentChildren;
};

export function Menu({ label, name, className = "button", end = false, opened = 0, children }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (opened) setOpen(true);
  }, [opened]);
  useLayoutEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    addEventListener("focusin", outside);
    box.current?.querySelector<HTMLElement>("[data-first], [aria-current=true]")?.focus();
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("focusin", outside);
    };
  }, [open]);
  const escape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    close();
  };
  return (
    <div class="menu" ref={box} onKeyDown={escape}>
      <button
        type="button"
        class={className}
        aria-expanded={open}
        aria-controls={id}
        aria-label={name}
        ref={button}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      <div id={id} class={end ? "sheet end" : "sheet"} hidden={!open}>
        {open && children(close)}
      </div>
    </div>
  );
}
