"""`heropixel pageviews`: what was recorded."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from heropixel.cli.terminal import notes
from heropixel.transfer import Format

pageviews = typer.Typer(help="Pageviews: what was recorded.", no_args_is_help=True)


@pageviews.command("export")
def export_pageviews(
    context: typer.Context,
    as_format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.JSONL,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it. Left out: standard output.")
    ] = None,
) -> None:
    """Write every pageview, those that are still in the journal included."""
    from heropixel.pageviews_export import export  # noqa: PLC0415 - only this command pays for its imports

    if output is None:
        count = export(context.obj, as_format, sys.stdout.buffer)
    else:
        with output.open("wb") as file:
            count = export(context.obj, as_format, file)
    notes.print(f"{count} pageviews", highlight=False)
