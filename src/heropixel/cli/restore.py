"""`heropixel restore`: puts a backup back into an empty data folder."""

from pathlib import Path
from typing import Annotated

import typer

from heropixel.cli.terminal import AsJson, date_time, notes, out, print_json
from heropixel.processes.restore import restore as restore_backup
from heropixel.settings import Settings
from heropixel.values import counted


def restore(
    context: typer.Context,
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="The folder that `heropixel backup` made.")],
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The key, for a backup that was taken without it.")
    ] = None,
    erased_in: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="The folder that the server used last, or a later backup: who was erased by then is erased again."
            " Later backups beside this one are looked at anyway.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into a data folder that is empty or does not exist yet.

    Who was erased after the backup is erased again, and who was suppressed after it is suppressed again, as far as a
    later backup or folder shows it.
    """
    settings: Settings = context.obj
    restored = restore_backup(settings, backup, key, erased_in or [])
    moment = date_time(restored.manifest.moment)
    again = {"users": restored.users, "pixels": restored.pixels, "suppressions": restored.suppressions}
    if as_json:
        print_json({"data": str(settings.data), "moment": moment, "later": [*map(str, restored.later)], **again})
        return
    out.print(f"Restored to {settings.data}, as of {moment}.", soft_wrap=True)
    if restored.later:
        out.print(
            f"Done again, as {counted(len(restored.later), 'later states')} showed: "
            f"{counted(restored.users, 'users')} erased, {counted(restored.pixels, 'pixels')} deleted, "
            f"{counted(restored.suppressions, 'suppressions')} made.",
            soft_wrap=True,
        )
    else:
        notes.print(
            "No later backup was there, nor a folder given with --erased-in. If people were erased after the backup,"
            " erase them again.",
            style="yellow",
            soft_wrap=True,
        )
