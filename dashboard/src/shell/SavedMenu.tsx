/** The menu of saved views. What is in it is loaded when it is opened. */

import { later } from "../parts/later";
import type { Address } from "../address";
import { Arrow } from "../parts/Choice";
import { Menu } from "../parts/Menu";
import { TEXTS } from "../texts";
import type { SavedListProps } from "./saved/SavedList";

const SavedList = later<SavedListProps>(() => import("./saved/SavedList").then((file) => file.SavedList));

export function SavedMenu({ address, opened }: { readonly address: Address; readonly opened: number }) {
  return (
    <>
      <span class="fill" />
      <Menu label={<>{TEXTS.keys.saved} <Arrow /></>} name={TEXTS.keys.saved} opened={opened} end>
        {(close) => <SavedList {...{ address, close }} />}
      </Menu>
    </>
  );
}
