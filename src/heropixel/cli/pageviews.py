"""`heropixel pageviews`: what was recorded."""

import asyncio
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from heropixel.calendars import Calendar
from heropixel.cli.conditions import Conditions, FirstDay, Last, LastDay, NamedRange, Zone, check_one_range, filter_of
from heropixel.cli.exports import AsFormat, Output, write_to
from heropixel.cli.file_columns import OfColumns, meanings_of
from heropixel.cli.naming import app_of, pixel_of
from heropixel.cli.serve import log_to_stderr
from heropixel.cli.terminal import AsJson, directory_of, notes, print_imported, progress_bar, settings_of
from heropixel.clock import clock
from heropixel.directory.registry import read_pixels
from heropixel.importing.tools import From
from heropixel.reports.question import calendar_of
from heropixel.reports.ranges import RangeInput, last
from heropixel.transfer import Format, write_rows
from heropixel.values import counted

pageviews = typer.Typer(help="Pageviews: what was recorded.", no_args_is_help=True)


@pageviews.command("export")
def export_pageviews(
    context: typer.Context,
    app_id: Annotated[
        str | None, typer.Option("--app", metavar="APP", help="Only those of this app, by its id or name.")
    ] = None,
    pixel: Annotated[
        list[str] | None,
        typer.Option("--pixel", metavar="PIXEL", help="Only those of this pixel, by id or name; may be given again."),
    ] = None,
    since: Last = None,
    named: NamedRange = None,
    start: FirstDay = None,
    end: LastDay = None,
    zone: Zone = None,
    condition: Conditions = None,
    as_format: AsFormat = Format.JSONL,
    output: Output = None,
) -> None:
    """Export pageviews, including those still in the journal: all, or those that the options name."""
    from heropixel.events.pageviews import EXPORT_COLUMNS  # noqa: PLC0415 - only this command pays for its imports
    from heropixel.processes.command import operations  # noqa: PLC0415 - the same
    from heropixel.reports.exporting import ExportInput, ExportQuestion  # noqa: PLC0415 - the same

    check_one_range(since, named, start, end)
    with directory_of(context) as directory:
        app = app_of(directory.connection, app_id) if app_id else None
        pixels = [pixel_of(directory.connection, named) for named in pixel or ()]
        known = read_pixels(directory.connection)
        calendar = calendar_of(zone, known.get(pixels[0]) if pixels else None)
        range_ = _range_of(since, named.name if named else None, start, end, calendar)
        given = ExportInput(app, pixels, range_, zone, filter_of(condition))
        ExportQuestion.parse(given, known, clock())  # before any store is opened for it
    with operations(settings_of(context), "pageviews export") as holder:
        count = write_to(output, lambda file: write_rows(holder.export(given), file, as_format, EXPORT_COLUMNS))
    notes.print(counted(count, "pageviews") if count else _NO_PAGEVIEWS, soft_wrap=True)


_NO_PAGEVIEWS = (
    "There is no such pageview. `heropixel pixels list` shows the pixels; `heropixel verify URL` says why none comes."
)


def _range_of(
    since: str | None, named: str | None, start: str | None, end: str | None, calendar: Calendar
) -> RangeInput:
    if since:
        now, _ = last(since, calendar, clock())
        return RangeInput(from_=now.start, to=now.end)
    return RangeInput(named, start, end)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise typer.BadParameter(f"{name} is not a time zone such as Europe/Paris") from None


@pageviews.command("import")
def import_a_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The export: .csv, .json, .jsonl or .parquet; all but the last as .gz.")],
    pixel: Annotated[
        str | None,
        typer.Option(
            "--pixel",
            metavar="PIXEL",
            help="The pixel of rows that name none, by its id or name. Left out: the pixel that each row names.",
        ),
    ] = None,
    tool: Annotated[
        From | None, typer.Option("--from", help="The tool that wrote it. Left out: recognised from its columns.")
    ] = None,
    zone: Annotated[
        ZoneInfo,
        typer.Option("--timezone", metavar="ZONE", parser=_zone, help="The time zone of days and times without one."),
    ] = "UTC",  # type: ignore[assignment]  # parsed like what is given
    column: OfColumns = None,
    as_json: AsJson = False,
) -> None:
    """Import the pageviews of another tool, or of another heropixel.

    Plausible's export has no visitors: its pageviews count only as pageviews, spread evenly over their day. A row of
    heropixel's own export goes to the pixel that it names, if that is here and has its domain; else to --pixel.
    Rows that cannot be used are written with their reason to FILE.rejected and do not stop the rest. Importing a file
    again records nothing twice, also after an import that was interrupted.
    """
    from heropixel.importing.pageviews import import_pageviews  # noqa: PLC0415 - only this command pays for its imports
    from heropixel.importing.tools.tool import Site  # noqa: PLC0415 - the same
    from heropixel.processes.command import operations  # noqa: PLC0415 - the same

    log_to_stderr()
    with directory_of(context) as directory:
        number = pixel_of(directory.connection, pixel) if pixel else None
        site = Site.of(number, read_pixels(directory.connection), zone)
    with operations(settings_of(context), "pageviews import") as holder, progress_bar(file.name) as progress:
        imported = asyncio.run(import_pageviews(holder.recording(), file, site, tool, progress, meanings_of(column)))
    counts = {name: getattr(imported, name) for name in ("recorded", "already_there")}
    left_out = {"no_pageviews": imported.no_pageviews}
    print_imported(file, counts, imported.rejections, left_out=left_out, as_json=as_json)
