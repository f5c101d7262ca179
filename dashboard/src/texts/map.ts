/** Texts of the map of countries. */

export const MAP = {
  label: (metric: string) => `Map of countries by ${metric}. The arrow keys lead from one country to the next.`,
  none: "None",
  section: "Part of the map",
  sections: {
    world: "World",
    europe: "Europe",
    asia: "Asia",
    africa: "Africa",
    "north-america": "North America",
    "south-america": "South America",
    oceania: "Oceania",
  },
} as const;
