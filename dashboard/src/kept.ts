/** What this browser remembers of how somebody likes to look at things, and at which app; no figures and no names. */

export type Theme = "light" | "dark" | "system";

/** The theme of that name, which the page around a frame may ask for; null: there is none. */
export const themeOf = (name: string | null): Theme | null => (name === "light" || name === "dark" ? name : null);

const KEY = "heropixel";

type Kept = {
  readonly theme: Theme;
  readonly keys: boolean;
  /** The app that was looked at last by a member of several; null: by none. */
  readonly app: string | null;
};
const USUAL: Kept = { theme: "system", keys: true, app: null };

export function kept(): Kept {
  try {
    const text = localStorage.getItem(KEY);
    return { ...USUAL, ...(text ? (JSON.parse(text) as Partial<Kept>) : {}) };
  } catch {
    return USUAL; // storage is off, or holds something else
  }
}

export function keep(changed: Partial<Kept>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...kept(), ...changed }));
  } catch {
    // It holds until the page is left.
  }
}

/** Show the theme: style sheets look at `data-theme`. */
export function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
