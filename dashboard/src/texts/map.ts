/** Texts of the map of countries. */

export const MAP = {
  label: (metric: string) => `Map of countries by ${metric}. The arrow keys lead from one country to the next.`,
  none: "None",
} as const;
