/** The settings of one pixel. */

import { useState } from "preact/hooks";
import { useAct } from "../../act";
import { useAnswer } from "../../answer";
import { elsewhere, go, hrefOf } from "../../address";
import { troubleOf } from "../../graphql";
import { Ask } from "../../parts/Ask";
import { Form } from "../../parts/Form";
import { Input } from "../../parts/Input";
import { Notices } from "../../parts/Notice";
import { Progress } from "../../parts/Progress";
import { Select } from "../../parts/Select";
import { may, type Role } from "../../rights";
import { useShell, type ViewProps } from "../../shell/view";
import { MANAGE } from "../../texts/manage";
import { TEXTS } from "../../texts";
import { Consent } from "../setup/Consent";
import { Block } from "./Block";
import { Hosts } from "./Hosts";
import {
  AddDomainDocument,
  AddReturnHostDocument,
  DeletePixelDocument,
  PixelSettingsDocument,
  RemoveDomainDocument,
  RemoveReturnHostDocument,
  UpdatePixelDocument,
  type PageviewsOfPixel,
  type PixelSettingFragment,
  type Weekday,
} from "./pixel.graphql.ts";

export function PixelSettings({ address }: ViewProps) {
  const asked = useAnswer(PixelSettingsDocument, { id: address.pixel ?? 0 });
  const [saved, setSaved] = useState(false);
  const { data } = asked;
  useShell(data);
  const pixel = data?.pixel.pixel ?? null;
  const role = data?.me.role ?? null;
  const changes = may(role, "EDITOR");
  const texts = MANAGE.pixel;
  const wasSaved = () => {
    setSaved(true);
    asked.again();
  };
  const hosts = { pixelId: pixel?.id ?? 0, changes, done: asked.again };
  return (
    <>
      <Progress waiting={asked.waiting} />
      <Notices asked={asked} troubles={data ? [troubleOf(data.pixel)] : []} />
      <Block
        first
        title={pixel?.name ?? MANAGE.sections.pixel}
        about={texts.about(address.pixel ?? 0)}
        busy={!data}
        aside={
          <a class="button" href={hrefOf(elsewhere(address, "setup"))}>
            {texts.install}
          </a>
        }
      >
        {pixel && <Main key={pixel.id} {...{ pixel, changes }} done={wasSaved} />}
        <p role="status" class="good">
          {saved && TEXTS.saved}
        </p>
      </Block>
      {pixel && (
        <>
          <Hosts
            {...hosts}
            title={texts.domains}
            about={texts.domainsText}
            label={texts.domain}
            none={texts.noDomains}
            texts={pixel.domains}
            add={AddDomainDocument}
            remove={RemoveDomainDocument}
            removing={{ title: texts.removeDomain, text: texts.removeDomainText }}
          />
          <Hosts
            {...hosts}
            title={texts.returns}
            about={texts.returnsText}
            label={texts.returnHost}
            none={texts.noReturns}
            texts={pixel.returnHosts}
            add={AddReturnHostDocument}
            remove={RemoveReturnHostDocument}
            removing={{ title: texts.removeHost, text: texts.removeHostText }}
          />
          {changes && <Delete {...{ address, pixel, role }} />}
        </>
      )}
    </>
  );
}

type MainProps = { readonly pixel: PixelSettingFragment; readonly changes: boolean; readonly done: () => void };

/** It keeps what is typed while the lists below change the pixel. */
function Main({ pixel, changes, done }: MainProps) {
  const texts = MANAGE.pixel;
  const [name, setName] = useState(pixel.name);
  const [days, setDays] = useState(pixel.retentionDays === null ? "" : String(pixel.retentionDays));
  const [consentMode, setConsentMode] = useState(pixel.consentMode);
  const [timezone, setTimezone] = useState(pixel.timezone);
  const [weekStartsOn, setWeekStartsOn] = useState(pixel.weekStartsOn);
  const [asking, setAsking] = useState(false);
  const { run, trouble } = useAct(UpdatePixelDocument);
  const retentionDays = days === "" ? null : Number(days);
  const save = async () => {
    const keepForever = retentionDays === null;
    const saved = await run({ id: pixel.id, name, retentionDays, keepForever, consentMode, timezone, weekStartsOn });
    if (!saved) return;
    setAsking(false);
    done();
  };
  const submit = () => {
    const isLess = retentionDays !== null && retentionDays < (pixel.retentionDays ?? Infinity);
    return isLess ? setAsking(true) : save();
  };
  return (
    <>
      <Form does={changes ? TEXTS.save : ""} trouble={asking ? "" : trouble} run={submit}>
        <Input label={texts.name} required disabled={!changes} value={name} change={setName} />
        <Input label={texts.days} hint={texts.daysHint} type="number" min={1} max={36_500} disabled={!changes} value={days} change={setDays} />
        <Select
          label={texts.timezone}
          hint={texts.timezoneHint}
          disabled={!changes}
          value={timezone}
          options={zonesWith(pixel.timezone).map((zone) => [zone, zone])}
          change={setTimezone}
        />
        <Select label={texts.weekStartsOn} disabled={!changes} value={weekStartsOn} options={WEEKDAYS} change={setWeekStartsOn} />
        <Consent mode={consentMode} change={setConsentMode} disabled={!changes} />
        {!changes && <p class="soft">{texts.needs}</p>}
      </Form>
      {asking && (
        <Ask title={texts.shorter} does={texts.shorterDoes} name={pixel.name} trouble={trouble} run={save} close={() => setAsking(false)}>
          <p>{texts.shorterText(MANAGE.kept(retentionDays))}</p>
        </Ask>
      )}
    </>
  );
}

const WEEKDAYS = Object.entries(MANAGE.pixel.weekdays) as [Weekday, string][];

/** The time zones that the browser knows, and the one that is set. */
const zonesWith = (set: string) => [...new Set(["UTC", set, ...Intl.supportedValuesOf("timeZone")])].sort();

type DeleteProps = ViewProps & { readonly pixel: PixelSettingFragment; readonly role: Role | null };

function Delete({ address, pixel, role }: DeleteProps) {
  const texts = MANAGE.pixel;
  const [asking, setAsking] = useState(false);
  const [pageviews, setPageviews] = useState<PageviewsOfPixel>("KEEP");
  const { run, trouble } = useAct(DeletePixelDocument);
  const erases = may(role, "OWNER");
  const remove = async () => {
    const done = await run({ id: pixel.id, pageviews });
    if (!done) return;
    const receipt = done.deletePixel.erasure?.id;
    go({ ...address, pixel: null, path: receipt ? ["settings", "erasures", receipt] : ["settings"], filter: [], options: {} });
  };
  return (
    <p>
      <button type="button" class="button grave" onClick={() => setAsking(true)}>
        {texts.delete}
      </button>
      {asking && (
        <Ask title={texts.deleteTitle(pixel.name)} does={texts.deleteDoes} name={pixel.name} trouble={trouble} run={remove} close={() => setAsking(false)}>
          <p>{texts.deleteText}</p>
          {(["KEEP", "ERASE"] as const).map((one) => (
            <label key={one} class="check">
              <input
                type="radio"
                name="pageviews"
                checked={one === pageviews}
                disabled={one === "ERASE" && !erases}
                onChange={() => setPageviews(one)}
              />
              <span>
                {texts.pageviews[one]} {one === "ERASE" && !erases && <small>{texts.eraseNeeds}</small>}
              </span>
            </label>
          ))}
        </Ask>
      )}
    </p>
  );
}
