/** One box to search for people. It searches while somebody writes, and at once with Enter. */

import { useEffect, useRef } from "preact/hooks";
import { go, withOption } from "../../address";
import type { ViewProps } from "../../shell/view";
import { PEOPLE } from "../../texts/people";

const PAUSE = 350; // milliseconds after the last letter

export function Search({ address }: ViewProps) {
  const box = useRef<HTMLInputElement>(null);
  const later = useRef(0);
  const given = address.options.search ?? "";
  // Who goes back finds the search of before in the box; what somebody writes stays as they write it.
  useEffect(() => {
    if (box.current && document.activeElement !== box.current) box.current.value = given;
  }, [given]);
  useEffect(() => () => clearTimeout(later.current), []);
  const search = () => {
    clearTimeout(later.current);
    const text = box.current?.value.trim() || null;
    go(withOption(withOption(address, "after", null), "search", text), given && text ? "replace" : "push");
  };
  const submit = (event: Event) => {
    event.preventDefault();
    search();
  };
  const wait = () => {
    clearTimeout(later.current);
    later.current = window.setTimeout(search, PAUSE);
  };
  return (
    <form role="search" class="search" onSubmit={submit}>
      <input ref={box} type="search" aria-label={PEOPLE.search} placeholder={PEOPLE.placeholder} defaultValue={given} onInput={wait} />
    </form>
  );
}
