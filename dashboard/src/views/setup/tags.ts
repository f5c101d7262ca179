/** The lines to paste, by the ways to install them. */

import type { ConsentMode } from "./setup.graphql.ts";

export const WAYS = ["html", "gtm", "wordpress", "curl"] as const;
export type Way = (typeof WAYS)[number];

export const wayOf = (text: string | undefined): Way => WAYS.find((way) => way === text) ?? "html";

type Pixel = { readonly id: number; readonly domains: readonly string[]; readonly consentMode: ConsentMode };

/** The line for a pixel. `base` is where this page is: the script is beside it. */
export function tagOf(way: Way, { id, domains, consentMode }: Pixel, base: string): string {
  const script = new URL("pixel.js", base).href;
  const consent = consentMode.toLowerCase();
  const isUsual = consentMode === "REQUIRED";
  const html = `<script defer src="${script}" data-pixel="${id}"${isUsual ? "" : ` data-consent="${consent}"`}></script>`;
  switch (way) {
    case "html":
      return html;
    case "gtm": // it takes data-* attributes off
      return `<script defer src="${script}?pixel=${id}${isUsual ? "" : `&consent=${consent}`}"></script>`;
    case "wordpress":
      return `add_action('wp_head', function () {\n  echo '${html}';\n});`;
    case "curl":
      return curlOf(id, domains[0] ?? "example.com", new URL("graphql", base).href);
  }
}

function curlOf(pixelId: number, domain: string, endpoint: string): string {
  const query = "mutation ($event: PageviewEventInput!) { pageview(event: $event) { code message } }";
  const event = { pixelId, domain, url: `https://${domain}/`, visitorId: "a-browser" };
  return [
    `curl ${endpoint} \\`,
    "  -H 'Authorization: Bearer hpk_...' -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify({ query, variables: { event } })}'`,
  ].join("\n");
}
