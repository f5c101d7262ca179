"""`heropixel users`: the people an app knows."""

from pathlib import Path
from typing import Annotated

import typer

from heropixel.cli.terminal import AppId, AsJson, directory_of, notes, out, print_json, progress_bar
from heropixel.directory.apps import app_number

users = typer.Typer(help="Users: the people an app knows.", no_args_is_help=True)


@users.command("import")
def import_a_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .csv, .jsonl or .parquet file, CSV and JSON Lines also as .gz.")],
    app_id: AppId,
    as_json: AsJson = False,
) -> None:
    """Import people from a file.

    Columns: email, md5, sha1, sha256, phone, external_id; any other column becomes a trait. Rows that cannot be used
    are written with their reason to FILE.rejected and do not stop the rest. Importing a file again changes nothing.
    """
    from heropixel.server import clock, index_of  # noqa: PLC0415 - only this command pays for its imports
    from heropixel.users_import import import_users  # noqa: PLC0415

    with directory_of(context) as directory, progress_bar(file.name) as progress:
        number = app_number(directory.connection, app_id)
        imported = import_users(file, directory, index_of(context.obj, directory), number, clock, progress)
    if as_json:
        rejected_file = str(imported.rejected_file) if imported.rejected_file else None
        counts = {name: getattr(imported, name) for name in ("created", "updated", "unchanged", "rejected", "reasons")}
        print_json({**counts, "rejectedFile": rejected_file})
        return
    out.print(
        f"{imported.created} created, {imported.updated} updated, {imported.unchanged} unchanged,"
        f" {imported.rejected} rejected",
    )
    for reason, count in sorted(imported.reasons.items(), key=lambda item: -item[1]):
        notes.print(f"  {count} x {reason}", soft_wrap=True)
    if imported.rejected_file:
        notes.print(f"The rejected rows are in {imported.rejected_file}", soft_wrap=True)
