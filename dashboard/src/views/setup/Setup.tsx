/** Setting up: make a pixel, paste the tag, wait for the first pageview; and what is wrong if it does not come. */

import type { ViewProps } from "../../shell/view";
import { Install } from "./Install";
import { MakePixel } from "./MakePixel";

export function Setup({ address }: ViewProps) {
  return address.pixel === null ? <MakePixel address={address} /> : <Install address={address} pixel={address.pixel} />;
}
