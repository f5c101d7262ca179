"""`heropixel suppressions`: contacts that must not be resolved."""

from pathlib import Path
from typing import Annotated

import typer

from heropixel.cli.file_columns import OfColumns, meanings_of
from heropixel.cli.identifiers import Md5, OneEmail, Phone, Sha1, Sha256
from heropixel.cli.naming import AppId, app_of
from heropixel.cli.terminal import (
    AsJson,
    date_time,
    directory_of,
    out,
    print_imported,
    print_rows,
    progress_bar,
    reading,
    say_there_are_more,
    writing,
)
from heropixel.clock import clock
from heropixel.directory.suppressions import count_suppressions, list_suppressions
from heropixel.shown import SUPPRESSION, show

suppressions = typer.Typer(help="Suppressions: contacts that must not be resolved.", no_args_is_help=True)


@suppressions.command("import")
def import_a_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .csv, .json, .jsonl or .parquet file; all but the last as .gz.")],
    app_id: AppId = None,
    column: OfColumns = None,
    as_json: AsJson = False,
) -> None:
    """Suppress the contacts in a file.

    Columns: email, md5, sha1, sha256, phone; reason; expires_at (a date, or Unix seconds). The usual column
    names of mail tools are known; `--column "Contact"=email` names another one. Rows that cannot be used are written
    with their reason to FILE.rejected and do not stop the rest. Importing a file again changes nothing.
    """
    from heropixel.importing.suppressions import import_suppressions  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.processes.index import index_of  # noqa: PLC0415 - only commands that name a user pay for its imports

    with directory_of(context) as directory, progress_bar(file.name) as progress:
        number = app_of(directory.connection, app_id)
        index = index_of(context.obj, directory)
        imported = import_suppressions(file, directory, index, number, clock, progress, meanings_of(column))
    counts = {name: getattr(imported, name) for name in ("suppressed", "already_suppressed")}
    print_imported(file, counts, imported.rejections, left_out={}, as_json=as_json)


@suppressions.command("add")
def add_a_suppression(
    context: typer.Context,
    app_id: AppId = None,
    email: OneEmail = None,
    md5: Md5 = None,
    sha1: Sha1 = None,
    sha256: Sha256 = None,
    phone: Phone = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="When it ends. Left out: never.")] = None,
) -> None:
    """Suppress one contact: it is counted, and not resolved, linked or learned."""
    from heropixel.identity.suppress import (  # noqa: PLC0415 - only this command pays for its imports
        ContactInput,
        ContactOutcome,
        expiry,
        suppress_many,
    )
    from heropixel.processes.index import index_of  # noqa: PLC0415 - only commands that name a user pay for its imports

    contact = ContactInput(email, md5, sha1, sha256, phone, reason).contact(expires_at=expiry(expires, clock()))
    with directory_of(context) as directory:
        index = index_of(context.obj, directory)
    with writing(context) as (connection, now):
        (outcome,) = suppress_many(connection, app_of(connection, app_id), index, [contact], now)
    out.print("suppressed" if outcome is ContactOutcome.SUCCESS else "was already suppressed")


@suppressions.command("list")
def list_all_suppressions(
    context: typer.Context,
    app_id: AppId = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show at most.")] = 100,
    after: Annotated[int, typer.Option(metavar="ID", help="Show those after this one.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show the suppressions in force, oldest first."""
    with reading(context) as (connection, now):
        number = app_of(connection, app_id)
        rows = list_suppressions(connection, number, after, limit, now)
        total = count_suppressions(connection, number, now)
    shown = [show(SUPPRESSION, row, instant=date_time) for row in rows]
    empty = "No contact is suppressed. `heropixel suppressions add --email ADDRESS` suppresses one."
    print_rows(shown, [*SUPPRESSION], as_json=as_json, empty=empty)
    say_there_are_more([row.id for row in rows], limit, total)


@suppressions.command("remove")
def remove_a_suppression(
    context: typer.Context,
    app_id: AppId = None,
    email: OneEmail = None,
    md5: Md5 = None,
    sha1: Sha1 = None,
    sha256: Sha256 = None,
    phone: Phone = None,
) -> None:
    """Lift a suppression: the contact is resolved again."""
    from heropixel.identity.suppress import (  # noqa: PLC0415 - only this command pays for its imports
        ContactInput,
        ContactOutcome,
        unsuppress_many,
    )
    from heropixel.processes.index import index_of  # noqa: PLC0415 - only commands that name a user pay for its imports

    contact = ContactInput(email, md5, sha1, sha256, phone).contact()
    with directory_of(context) as directory:
        index = index_of(context.obj, directory)
    with writing(context) as (connection, now):
        (outcome,) = unsuppress_many(connection, app_of(connection, app_id), index, [contact], now)
    out.print("resolved again" if outcome is ContactOutcome.SUCCESS else "was not suppressed")
