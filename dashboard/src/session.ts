/** What a view's answer says of who asks, for the shell around it. */

import { createContext } from "preact";
import type { Role } from "./rights";

export type PixelName = { readonly id: number; readonly name: string; readonly domains: readonly string[] };

export type Named = { readonly id: string; readonly name: string };

export type Known = {
  /** The apps of the member who is signed in; empty where a secret asks. */
  readonly apps: readonly Named[];
  /** By what they sign in; null: nobody signed in here, or without an email. */
  readonly email: string | null;
  /** What they may do in the app; null: not a member, or not known yet. */
  readonly role: Role | null;
  /** Whether a member is signed in, who can sign out. */
  readonly isMember: boolean;
  /** What the owners of the app should know of the server; empty for all others. */
  readonly notices: readonly string[];
  /** The pixels to choose from; null until the first answer. */
  readonly pixels: readonly PixelName[] | null;
  /** How many visitors were here when the view was asked for; null: not known. */
  readonly here: number | null;
};

export const NOBODY: Known = { apps: [], email: null, role: null, isMember: false, notices: [], pixels: null, here: null };

export type SessionState = Known & {
  /** The app that the address names; null: the only one. */
  readonly app: string | null;
  readonly learn: (known: Partial<Known>) => void;
  readonly signedOut: () => void;
};

export const Session = createContext<SessionState>({ ...NOBODY, app: null, learn: () => {}, signedOut: () => {} });
