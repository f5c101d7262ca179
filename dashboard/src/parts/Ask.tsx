/** Asks before something happens that is hard to undo: what it does, where it is large the name to type, and its button. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useBusy } from "../busy";
import { TEXTS } from "../texts";
import { Input } from "./Input";

type Props = {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says that does it. */
  readonly does: string;
  /** To be typed before; left out: nothing. */
  readonly name?: string;
  readonly trouble: string;
  /** Whether it takes something away for good. */
  readonly grave?: boolean;
  readonly ready?: boolean;
  readonly run: () => unknown;
  readonly close: () => void;
};

export function Ask({ title, children, does, name, trouble, grave = true, ready = true, run, close }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const id = useId();
  const { busy, once } = useBusy();
  // Not after it is gone, as effects are: to close it gives the focus back to what opened it.
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    void once(run);
  };
  return (
    <dialog class="card ask" ref={box} aria-labelledby={id} onClose={close}>
      <form aria-busy={busy} onSubmit={submit}>
        <h2 id={id}>{title}</h2>
        {children}
        {name !== undefined && <Input label={TEXTS.typeName(name)} autocomplete="off" value={typed} change={setTyped} />}
        <p role="alert" class="bad">
          {trouble}
        </p>
        <div class="buttons">
          <button type="submit" class={grave ? "button grave" : "button main"} disabled={!ready || (name !== undefined && typed.trim() !== name)}>
            {does}
          </button>
          <button type="button" class="button" onClick={() => box.current?.close()}>
            {TEXTS.cancel}
          </button>
        </div>
      </form>
    </dialog>
  );
}
