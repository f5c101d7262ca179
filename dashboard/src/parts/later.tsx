/** A view whose code is loaded when it is opened. */

import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ViewProps } from "../shell/view";
import { TEXTS } from "../texts";
import { Progress } from "./Progress";

/** The component that `load` brings: `later(() => import("./people/People").then((file) => file.People))`. */
export function later(load: () => Promise<FunctionComponent<ViewProps>>): FunctionComponent<ViewProps> {
  let known: FunctionComponent<ViewProps> | null = null;
  return (props) => {
    const [View, setView] = useState<FunctionComponent<ViewProps> | null>(() => known);
    const [broken, setBroken] = useState(false);
    useEffect(() => {
      if (known) return;
      load().then(
        (view) => setView(() => (known = view)),
        () => setBroken(true),
      );
    }, []);
    if (View) return <View {...props} />;
    return broken ? <p class="notice">{TEXTS.outdated}</p> : <Progress waiting={true} />;
  };
}
