/** Asks before something happens that is hard to undo: what it does, where it is large the name to type, and its button. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { SHARED } from "../texts/shared";

type Props = {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says that does it. */
  readonly does: string;
  /** To be typed before; left out: nothing. */
  readonly name?: string;
  readonly busy: boolean;
  readonly trouble: string;
  /** Whether it takes something away for good. */
  readonly grave?: boolean;
  readonly ready?: boolean;
  readonly run: () => void;
  readonly close: () => void;
};

export function Ask({ title, children, does, name, busy, trouble, grave = true, ready = true, run, close }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    run();
  };
  return (
    <dialog class="card ask" ref={box} aria-labelledby={id} onClose={close}>
      <form onSubmit={submit}>
        <h2 id={id}>{title}</h2>
        {children}
        {name !== undefined && (
          <label>
            {SHARED.typeName(name)}
            <input value={typed} autocomplete="off" onInput={(event) => setTyped(event.currentTarget.value)} />
          </label>
        )}
        <p role="alert" class="bad">
          {trouble}
        </p>
        <div class="buttons">
          <button type="submit" class={grave ? "button grave" : "button main"} disabled={busy || !ready || (name !== undefined && typed.trim() !== name)}>
            {busy ? SHARED.busy : does}
          </button>
          <button type="button" class="button" onClick={() => box.current?.close()}>
            {SHARED.cancel}
          </button>
        </div>
      </form>
    </dialog>
  );
}
