/** Makes something when it is first used. What knows a locale takes milliseconds to make, and the first paint waits for few of them. */

export function once<Made>(make: () => Made): () => Made {
  let made: { readonly it: Made } | null = null;
  return () => (made ??= { it: make() }).it;
}
