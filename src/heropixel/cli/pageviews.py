"""`heropixel pageviews`: what was recorded."""

import asyncio
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from heropixel.cli.exports import AsFormat, Output, write_to
from heropixel.cli.serve import log_to_stderr
from heropixel.cli.terminal import AsJson, PixelId, notes, print_imported, progress_bar, settings_of
from heropixel.pageviews_import import From
from heropixel.transfer import Format
from heropixel.values import counted

pageviews = typer.Typer(help="Pageviews: what was recorded.", no_args_is_help=True)


@pageviews.command("export")
def export_pageviews(
    context: typer.Context,
    as_format: AsFormat = Format.JSONL,
    output: Output = None,
) -> None:
    """Write every pageview, those that are still in the journal included."""
    from heropixel.pageviews_export import export  # noqa: PLC0415 - only this command pays for its imports

    settings = settings_of(context)
    count = write_to(output, lambda file: export(settings, as_format, file))
    notes.print(counted(count, "pageviews"))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise typer.BadParameter(f"{name} is no time zone such as Europe/Paris") from None


@pageviews.command("import")
def import_a_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The export: .csv, .json, .jsonl or .parquet; all but the last as .gz.")],
    pixel_id: PixelId,
    tool: Annotated[
        From | None, typer.Option("--from", help="The tool that wrote it. Left out: recognised from its columns.")
    ] = None,
    zone: Annotated[
        ZoneInfo,
        typer.Option("--timezone", metavar="ZONE", parser=_zone, help="Of days and times that come without one."),
    ] = "UTC",  # type: ignore[assignment]  # parsed like what is given
    as_json: AsJson = False,
) -> None:
    """Import pageviews that another tool has counted, or another heropixel.

    Plausible's export knows no visitors: its pageviews count as pageviews and nothing else, evenly over their day.
    Rows that cannot be used are written with their reason to FILE.rejected and do not stop the rest. Importing a file
    again records nothing twice, also after an import that was interrupted.
    """
    from heropixel.pageviews_import.importing import import_pageviews  # noqa: PLC0415 - only this command pays for its imports

    settings = settings_of(context)
    log_to_stderr()
    with progress_bar(file.name) as progress:
        imported = asyncio.run(import_pageviews(settings, file, pixel_id, tool, zone, progress))
    counts = {name: getattr(imported, name) for name in ("recorded", "already_there")}
    left_out = {"no_pageviews": imported.no_pageviews}
    print_imported(file, counts, imported.rejections, left_out=left_out, as_json=as_json)
