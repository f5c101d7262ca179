"""`heropixel audit`: what members and keys have done, for a year."""

from typing import Annotated

import typer

from heropixel.cli.naming import AppId, app_of
from heropixel.cli.terminal import AsJson, date_time, print_rows, reading
from heropixel.members.audit import list_entries
from heropixel.shown import AUDIT_ENTRY, show


def audit(
    context: typer.Context,
    app: AppId = None,
    limit: Annotated[int, typer.Option(min=1, help="How many entries, newest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Print what members and keys have done to people, keys, shares and roles."""
    with reading(context) as (connection, _):
        entries = list_entries(connection, app_of(connection, app), None, limit)
    empty = "Nothing is listed yet: what members and keys do to people, keys and roles will be, for a year."
    rows = [show(AUDIT_ENTRY, entry, instant=date_time) for entry in entries]
    print_rows(rows, [*AUDIT_ENTRY], as_json=as_json, empty=empty)
