/** The menus of the period and of what it is compared with. */

import { useState } from "preact/hooks";
import { go, hrefOf, type Address } from "../address";
import { Arrow, Choice } from "../parts/Choice";
import { once } from "../once";
import { Input } from "../parts/Input";
import { Menu } from "../parts/Menu";
import { comparisonIn, comparisonsOf, periodText, PERIODS, type Period } from "../periods";
import { LOCALE, TEXTS } from "../texts";
import { today } from "../times";

const day = once(() => new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }));

type Props = { readonly address: Address; readonly isCompared: boolean };

export function PeriodMenus({ address, isCompared }: Props) {
  const period = periodName(address.period);
  const compared = comparisonIn(address.period, address.comparison);
  const comparison = TEXTS.comparison[compared];
  return (
    <>
      <Menu label={<>{period} <Arrow /></>} name={`${TEXTS.period.name}: ${period}`} end>
        {(close) => (
          <>
            <ul class="choices">
              {PERIODS.map(({ name, key, group }, place) => (
                <Choice
                  key={name}
                  href={hrefOf({ ...address, period: { name }, options: withoutInterval(address) })}
                  on={periodText(address.period) === periodText({ name })}
                  close={close}
                >
                  <span class={place && PERIODS[place - 1]?.group !== group ? "group" : ""}>{TEXTS.period[name]}</span>
                  {key && <kbd>{key.toUpperCase()}</kbd>}
                </Choice>
              ))}
            </ul>
            <OwnDays address={address} close={close} />
          </>
        )}
      </Menu>
      {isCompared && (
        <Menu label={<>{comparison} <Arrow /></>} name={`${TEXTS.comparison.name}: ${comparison}`} end>
          {(close) => (
            <ul class="choices">
              {comparisonsOf(address.period).map((one) => (
                <Choice key={one} href={hrefOf({ ...address, comparison: one })} on={one === compared} close={close}>
                  {TEXTS.comparison[one]} {one === "SAME_WEEKDAYS" && <span class="soft">{TEXTS.comparison.weeks}</span>}
                </Choice>
              ))}
            </ul>
          )}
        </Menu>
      )}
    </>
  );
}

/** Points of a chart that fit one period may be too many for another. */
function withoutInterval({ options }: Address): Address["options"] {
  const { by: _by, ...others } = options;
  return others;
}

function OwnDays({ address, close }: { readonly address: Address; readonly close: () => void }) {
  const given = "from" in address.period ? address.period : { from: "", to: "" };
  const [from, setFrom] = useState(given.from);
  const [to, setTo] = useState(given.to);
  const show = (event: Event) => {
    event.preventDefault();
    go({ ...address, period: from <= to ? { from, to } : { from: to, to: from }, options: withoutInterval(address) });
    close();
  };
  return (
    <form class="own-days" onSubmit={show}>
      <b>{TEXTS.period.own}</b>
      <Input label={TEXTS.period.from} type="date" required max={today()} value={from} change={setFrom} />
      <Input label={TEXTS.period.to} type="date" required max={today()} value={to} change={setTo} />
      <button type="submit" class="button">
        {TEXTS.period.show}
      </button>
    </form>
  );
}

export function periodName(period: Period): string {
  if ("name" in period) return TEXTS.period[period.name];
  return day().formatRange(new Date(period.from), new Date(period.to));
}
