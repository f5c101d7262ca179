/** Texts of the menu of saved views. */

export const SAVED = {
  none: "No view is saved yet. Give what is shown now a name: it is listed here, and one click opens it again.",
  everybodys: "everybody",
  ofApi: "A filter made by the API",
  change: (name: string) => `Change ${name}`,
  overwrite: "Save what is shown now to it",
  rename: "Rename",
  newName: (name: string) => `New name of ${name}`,
  remove: "Remove",
  sure: (name: string, all: boolean) => `${name} is removed${all ? " for everybody of the app" : ""}. This cannot be undone.`,
  keep: "Keep it",
  name: "Name of what is shown now",
  forAll: "For everybody of the app",
  atAll: "At all pixels",
  save: "Save",
  saved: (name: string) => `${name} is saved.`,
  removed: (name: string) => `${name} is removed.`,
} as const;
