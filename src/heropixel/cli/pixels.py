"""`heropixel pixels`: what a pageview is counted for."""

from enum import StrEnum
from operator import attrgetter
from typing import Annotated, Any

import typer

from heropixel import folder
from heropixel.calendars import Weekday
from heropixel.cli.erasures import finish
from heropixel.cli.naming import AppId, WhichPixel, app_of, pixel_of
from heropixel.cli.terminal import (
    AsJson,
    Yes,
    confirm,
    directory_of,
    out,
    print_json,
    print_rows,
    settings_of,
    writing,
)
from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.pixels import (
    PixelRow,
    create_pixel,
    delete_pixel,
    find_pixel,
    list_pixels,
    rename_pixel,
    set_calendar,
    set_consent_mode,
)
from heropixel.directory.retentions import set_retention
from heropixel.installation.pasting import consent_attribute, domain_command, tag_line
from heropixel.shown import PIXEL, show

pixels = typer.Typer(help="Pixels: what pageviews are counted for.", no_args_is_help=True)


Timezone = Annotated[
    str | None,
    typer.Option("--timezone", metavar="ZONE", help="The time zone of its reports, such as Europe/Paris."),
]
WeekStart = Annotated[
    Weekday | None,
    typer.Option("--week-starts-on", case_sensitive=False, help="The day on which the weeks of its reports begin."),
]


@pixels.command("create")
def create_a_pixel(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name of the pixel.")],
    app_id: AppId = None,
    domain: Annotated[
        list[str] | None,
        typer.Option(help="Where it may be used; example.com includes its subdomains. May be given again."),
    ] = None,
    consent: Annotated[
        ConsentMode, typer.Option(case_sensitive=False, help="What consent its visitors must give.")
    ] = ConsentMode.REQUIRED,
    zone: Timezone = None,
    week_start: WeekStart = None,
    as_json: AsJson = False,
) -> None:
    """Make a pixel."""
    with writing(context) as (connection, now):
        pixel = create_pixel(connection, app_of(connection, app_id), name, domain or [], now, consent)
        set_calendar(connection, pixel, zone, week_start)
        hosts = find_pixel(connection, pixel).domains
    if as_json:
        print_json({"id": pixel})
    else:
        if hosts:
            out.print(f"Pixel {pixel} is ready for {', '.join(hosts)}.")
        else:
            out.print(f"Pixel {pixel} has no domain yet. Add one: {domain_command(pixel, 'example.com')}")
        holder = folder.holder_of(settings_of(context).data)
        running = holder.url if holder else ""
        where = running or "https://HOST"
        tag = tag_line({"src": f"{where}/pixel.js", "data-pixel": str(pixel), **consent_attribute(consent)})
        note = f"; on the internet, with its public name instead of {running}" if running else ""
        host = "where this server runs now" if running else "with HOST where browsers find this server"
        out.print(f"For its pages, {host}{note}:\n\n{tag}\n", soft_wrap=True)


@pixels.command("list")
def list_all_pixels(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every pixel with its domains."""
    with directory_of(context) as directory:
        rows = list_pixels(directory.connection)
    empty = "There is no pixel yet. `heropixel pixels create NAME --domain example.com` makes one, and prints its tag."
    print_rows([_shown(row) for row in rows], _COLUMNS, as_json=as_json, empty=empty)


@pixels.command("show")
def show_a_pixel(context: typer.Context, named: WhichPixel, as_json: AsJson = False) -> None:
    """Show one pixel with its domains."""
    with directory_of(context) as directory:
        row = find_pixel(directory.connection, pixel_of(directory.connection, named))
    if as_json:
        print_json(_shown(row))
    else:
        print_rows([_shown(row)], _COLUMNS, as_json=False)


@pixels.command("rename")
def rename_a_pixel(
    context: typer.Context,
    named: WhichPixel,
    name: Annotated[str, typer.Argument(help="The new name.")],
) -> None:
    """Give a pixel another name."""
    with writing(context) as (connection, _):
        pixel = pixel_of(connection, named)
        rename_pixel(connection, pixel, name)
    out.print(f"Pixel {pixel} is now called {name.strip()}.")


@pixels.command("update")
def update_a_pixel(
    context: typer.Context, named: WhichPixel, zone: Timezone = None, week_start: WeekStart = None
) -> None:
    """Set the time zone of a pixel's reports, and the day on which their weeks begin."""
    if zone is None and week_start is None:
        raise typer.BadParameter("give --timezone, --week-starts-on or both")
    with writing(context) as (connection, _):
        pixel = pixel_of(connection, named)
        set_calendar(connection, pixel, zone, week_start)
        row = find_pixel(connection, pixel)
    out.print(f"Reports of pixel {pixel} are in the time zone {row.timezone}. Their weeks begin on {_day(row)}.")


def _day(row: PixelRow) -> str:
    return row.week_starts_on.title()


@pixels.command("retain")
def retain_pageviews(
    context: typer.Context,
    named: WhichPixel,
    days: Annotated[
        int | None,
        typer.Option(metavar="N", help="For how many days, 1 to 36,500; older pageviews are dropped by whole months."),
    ] = None,
    for_ever: Annotated[bool, typer.Option("--for-ever", help="Keep all pageviews from now on.")] = False,
    yes: Yes = False,
) -> None:
    """Set for how many days the pageviews of a pixel are kept. The server drops older ones for good."""
    if for_ever == (days is not None):
        raise typer.BadParameter("give either --days or --for-ever")
    if days is not None:
        confirm(f"Pageviews of pixel {named} older than {days} days are dropped, by whole months.", yes=yes)
    with writing(context) as (connection, _):
        pixel = pixel_of(connection, named)
        set_retention(connection, pixel, days)
    kept = "for ever" if days is None else f"for {days} days, and older ones are dropped by whole months"
    out.print(f"The pageviews of pixel {pixel} are kept {kept}.")


_RECOGNISED = {
    ConsentMode.REQUIRED: "recognised once they have said yes",
    ConsentMode.IMPLIED: "recognised unless they have said no",
    ConsentMode.NONE: "never recognised",
}


@pixels.command("consent")
def set_consent(
    context: typer.Context,
    named: WhichPixel,
    mode: Annotated[
        ConsentMode,
        typer.Argument(
            case_sensitive=False,
            help="Visitors are recognised once they have said yes, unless they have said no, or never.",
        ),
    ],
) -> None:
    """Set what consent visitors of a pixel must give before they are recognised."""
    with writing(context) as (connection, _):
        pixel = pixel_of(connection, named)
        set_consent_mode(connection, pixel, mode)
    out.print(f"Visitors of pixel {pixel} are {_RECOGNISED[mode]} ({mode}).")
    said = " ".join(f'{name}="{value}"' for name, value in consent_attribute(mode).items())
    out.print(f"Its tags must say the same: {said or 'without data-consent'}.", soft_wrap=True)


class PageviewsFate(StrEnum):
    """What becomes of the pageviews of a pixel that is deleted."""

    KEEP = "keep"
    ERASE = "erase"


@pixels.command("delete")
def delete_a_pixel(
    context: typer.Context,
    named: WhichPixel,
    pageviews: Annotated[PageviewsFate, typer.Option(help="What becomes of its pageviews.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Delete a pixel with its domains. Nothing is counted for it any more, and its id is never given out again."""
    erasing = pageviews is PageviewsFate.ERASE
    fate = "and all its pageviews are erased" if erasing else "and its pageviews stay"
    confirm(f"Pixel {named} is deleted with its domains, {fate}.", yes=yes)
    with writing(context) as (connection, now):
        pixel = pixel_of(connection, named)
        erasure = delete_pixel(connection, pixel, erase=erasing, origin="COMMAND", now=now)
    if erasure:
        finish(context, erasure, as_json=as_json)
    elif as_json:
        print_json({"id": pixel})
    else:
        out.print(f"Pixel {pixel} is deleted; its pageviews stay.")


_FIELDS = {**PIXEL, "appId": attrgetter("app_id")}
# Those that fit.
_COLUMNS = ["id", "name", "appId", "domains", "retentionDays", "consentMode", "timezone", "weekStartsOn"]


def _shown(row: PixelRow) -> dict[str, Any]:
    return show(_FIELDS, row, [*_COLUMNS, "returnHosts"])
