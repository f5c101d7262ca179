/** The names of views in the menu. */

export const MENU = { people: "People", now: "Now", settings: "Settings" } as const;
