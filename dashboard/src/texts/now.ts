/** Texts of the view of what happens now. */

export const NOW = {
  title: "Now",
  here: (one: boolean) => (one ? "visitor in the last five minutes" : "visitors in the last five minutes"),
  known: (count: string) => `${count} of them known`,
  course: "Pageviews by minute",
  courseText: "the last 30 minutes",
  minute: "Minute",
  pageviews: "Pageviews",
  visitors: "Visitors",
  table: "As a table",
  where: { pages: "Pages", sources: "Sources", countries: "Countries" },
  nobody: "Nobody is here at the moment.",
  happening: "Pageviews as they happen",
  pause: "Pause",
  go: "Go on",
  paused: (count: string, one: boolean) => (one ? `Paused, ${count} new pageview` : `Paused, ${count} new pageviews`),
  running: "Live",
  none: "No pageview in the last half hour. The next one will be here within a second.",
  person: "known person",
  anonymous: "visitor",
  columns: { time: "Time", page: "Page", who: "Who", from: "From", place: "Where", with: "With" },
} as const;
