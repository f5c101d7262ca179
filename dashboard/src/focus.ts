/** Keeps the place of the keyboard: if what has the focus goes away, what was around it gets the focus, not the whole page. */

const AROUND = "[tabindex], section, .sheet, main";

export const focus = (one: HTMLElement | null | undefined) => one?.focus();

export function keepFocus(): void {
  let path: EventTarget[] = [];
  addEventListener("focusin", (event) => (path = event.composedPath()));
  addEventListener("pointerdown", () => (path = [])); // who clicks beside it leaves it
  new MutationObserver(() => {
    if (document.activeElement !== document.body || !path.length || isThere(path[0]!)) return;
    const next = path.find((one) => one instanceof HTMLElement && isThere(one) && one.matches(AROUND)) ?? document.querySelector("main");
    path = [];
    if (!(next instanceof HTMLElement)) return;
    if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }).observe(document, { childList: true, subtree: true });
}

const isThere = (one: EventTarget) => one instanceof Node && one.isConnected;
