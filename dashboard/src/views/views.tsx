/** The views, by the first part of their path. A new view is a folder here, and a line in this table. */

import type { FunctionComponent } from "preact";
import type { Address } from "../address";
import type { ViewProps } from "../shell/view";
import { later } from "../parts/later";
import type { Role } from "../rights";
import { TEXTS } from "../texts";
import { MENU } from "../texts/menu";
import { Overview } from "./overview/Overview";
import { Pixels } from "./pixels/Pixels";
import { TableView } from "./table/TableView";

export type View = {
  /** The first part of the path; empty: the view that is shown without one. */
  readonly name: string;
  /** Of one pixel, or of all. */
  readonly ofPixel: boolean;
  /** Its text in the menu of views; left out: it is reached from another view. */
  readonly menu?: string;
  /** Who may open it; left out: everybody. */
  readonly role?: Role;
  /** Whether the period and the comparison are its own, and the filters. */
  readonly hasPeriod?: true;
  readonly hasFilter?: true;
  /** Whether it has a period that is compared with nothing. */
  readonly isAlone?: true;
  /** Whether it tells the shell how many are here. */
  readonly hasNow?: true;
  readonly component: FunctionComponent<ViewProps>;
};

const People = later(() => import("./people/People").then((file) => file.People));
const NowView = later(() => import("./now/NowView").then((file) => file.NowView));
const Setup = later(() => import("./setup/Setup").then((file) => file.Setup));
const Settings = later(() => import("./manage/Settings").then((file) => file.Settings));
const Person = later(() => import("./person/Person").then((file) => file.Person));
const Shares = later(() => import("./shares/Shares").then((file) => file.Shares));

/** What the link of a share shows, which is no view of a member's. */
export const SharedPage = later(() => import("./shared/SharedPage").then((file) => file.SharedPage));

export const VIEWS: readonly View[] = [
  { name: "", ofPixel: true, menu: TEXTS.views.overview, hasPeriod: true, hasFilter: true, hasNow: true, component: Overview },
  { name: "table", ofPixel: true, hasPeriod: true, hasFilter: true, component: TableView },
  { name: "", ofPixel: false, menu: TEXTS.pixels.title, hasPeriod: true, component: Pixels },
  ...everywhere({ name: "people", menu: MENU.people, role: "ANALYST", component: People }, { hasPeriod: true, isAlone: true, hasFilter: true }),
  { name: "now", ofPixel: true, menu: MENU.now, component: NowView },
  { name: "shares", ofPixel: true, menu: TEXTS.views.shares, role: "EDITOR", hasFilter: true, component: Shares },
  ...everywhere({ name: "setup", component: Setup }),
  ...everywhere({ name: "settings", menu: MENU.settings, component: Settings }),
  ...everywhere({ name: "person", component: Person }),
];

/** A view of one pixel and of all of them. What only one pixel has, comes last. */
function everywhere(view: Omit<View, "ofPixel">, one: Partial<View> = {}): View[] {
  return [
    { ...view, ...one, ofPixel: true },
    { ...view, ofPixel: false },
  ];
}

/** The view of an address; undefined where there is none. */
export function viewOf(address: Address): View | undefined {
  const [name = ""] = address.path;
  return VIEWS.find((view) => view.name === name && view.ofPixel === (address.pixel !== null));
}
