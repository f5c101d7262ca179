/** A view, or a part of one, whose code is loaded when it is opened. */

import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ViewProps } from "../shell/view";
import { TEXTS } from "../texts";
import { Progress } from "./Progress";

/** The component that `load` brings: `later(() => import("./people/People").then((file) => file.People))`. */
export function later<Props extends object = ViewProps>(load: () => Promise<FunctionComponent<Props>>): FunctionComponent<Props> {
  let known: FunctionComponent<Props> | null = null;
  return (props) => {
    const [View, setView] = useState<FunctionComponent<Props> | null>(() => known);
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
