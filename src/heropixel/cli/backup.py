"""`heropixel backup`: copies all stores while the server runs."""

from pathlib import Path
from typing import Annotated

import typer

from heropixel.cli.terminal import AsJson, date_time, out, print_json, settings_of
from heropixel.processes.command import operations
from heropixel.troubles import FolderNotEmpty, FolderNotWritable


def backup(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A new folder for the copy, such as backups/monday.")
    ],
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Leave out directory.key. Keep it elsewhere: nobody is found without.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy all stores into a new folder, as of one moment. The server goes on meanwhile.

    Salts are never copied. `heropixel restore` puts the copy back.
    """
    settings = settings_of(context)
    _make(folder)
    try:
        with operations(settings, "backup") as holder:
            taken = holder.backup(folder, with_key=not without_key)
    except BaseException:
        if not any(folder.iterdir()):
            folder.rmdir()
        raise
    if as_json:
        print_json(
            {"folder": str(folder), "moment": date_time(taken.moment), "files": taken.files, "bytes": taken.size}
        )
        return
    out.print(f"Backed up to {folder}: {taken.size / 1e6:,.1f} MB, as of {date_time(taken.moment)}.", soft_wrap=True)
    if taken.needs_key:
        out.print("The key of the identifiers is not in it: keep it elsewhere. Without it nobody can be found.")


def _make(folder: Path) -> None:
    """Make the new folder, which only its owner may read.

    Raises:
        FolderNotEmpty: there is something in it.
        FolderNotWritable: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FolderNotEmpty(folder=folder)
    except OSError as error:
        raise FolderNotWritable(folder=folder, why=error.strerror or error) from None
