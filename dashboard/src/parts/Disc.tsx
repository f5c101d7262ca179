/** The initials of a person on a disc, beside their name. */

export const Disc = ({ name }: { readonly name: string }) => (
  <span class="disc" aria-hidden="true">
    {initials(name)}
  </span>
);

/** Two letters: of the first and the last word, or of the only one. */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const [first = "?"] = words;
  const last = words.at(-1) ?? "";
  const letters = words.length > 1 && !name.includes("@") ? [[...first][0], [...last][0]] : [...first].slice(0, 2);
  return letters.join("").toUpperCase();
}
