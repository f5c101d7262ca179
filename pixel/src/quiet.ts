/** Nothing of ours may ever reach the page: neither an exception nor a rejection. */

/** `work`, with whatever it throws swallowed. */
export const quietly =
  <Given, Made>(work: (given: Given) => Made) =>
  (given?: any): Made | undefined => {
    try {
      return work(given);
    } catch {}
  };
