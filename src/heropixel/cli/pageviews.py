"""`heropixel pageviews`: what was recorded."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from heropixel.cli.terminal import notes
from heropixel.errors import FileUnusable
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
        count = _write_whole(output, lambda file: export(context.obj, as_format, file))
    notes.print(f"{count} pageviews")


def _write_whole(output: Path, write: Callable[[BinaryIO], int]) -> int:
    """Write a file that is there whole or not at all: what stood there before goes when the new one is complete."""
    unfinished = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        if output.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        file = unfinished.open("wb")
    except OSError as error:
        raise FileUnusable(path=output, why=f"it cannot be written ({error.strerror})") from None
    try:
        with file:
            count = write(file)
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
    return count
