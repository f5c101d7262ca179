/** What a view's answer says of who asks, for the shell around it. */

import { createContext } from "preact";

export type PixelName = { readonly id: number; readonly name: string; readonly domains: readonly string[] };

export type Known = {
  /** The pixels to choose from; null until the first answer. */
  readonly pixels: readonly PixelName[] | null;
  /** How many visitors were here when the view was asked for; null: not known. */
  readonly here: number | null;
};

export type SessionState = Known & {
  readonly learn: (known: Partial<Known>) => void;
  readonly signedOut: () => void;
};

export const Session = createContext<SessionState>({ pixels: null, here: null, learn: () => {}, signedOut: () => {} });
