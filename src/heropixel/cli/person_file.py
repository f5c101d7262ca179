"""`heropixel users export --email`: everything that is kept of one person, as one JSON document."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import typer

from heropixel.cli.exports import write_to
from heropixel.cli.naming import app_of
from heropixel.cli.terminal import directory_of, notes, settings_of
from heropixel.values import counted

if TYPE_CHECKING:
    from heropixel.identity.person import UserSelector


def export_a_person(context: typer.Context, app_id: str | None, selector: "UserSelector", output: Path | None) -> None:
    """Write the document of a person. It does not hold their pageviews in memory."""
    from heropixel.events.evidence import link_rows  # noqa: PLC0415 - only this command pays for its imports
    from heropixel.identity.whole_person import whole_person  # noqa: PLC0415 - as above
    from heropixel.processes.command import operations  # noqa: PLC0415 - as above
    from heropixel.processes.index import index_of  # noqa: PLC0415 - as above

    with directory_of(context) as directory:
        index = index_of(context.obj, directory)
        number = app_of(directory.connection, app_id)
        person = selector.find(directory.connection, number, index)
        document: dict[str, Any] = whole_person(directory.connection, number, index, person)
    users = [int(user["id"]) for user in document["users"]]
    with operations(settings_of(context), "users export") as holder:
        document["browsers"] = link_rows(holder.links_of(number, users), number)
        rows = holder.rows_of(number, users)
        count = write_to(output, lambda file: _write(file, document, rows))
    notes.print(f"One user with {counted(count, 'pageviews')}.")


def _write(file: BinaryIO, document: dict[str, Any], pageviews: Iterable[dict[str, Any]]) -> int:
    encode = msgspec.json.Encoder().encode
    file.write(encode(document)[:-1] + b',"pageviews":[')
    count = 0
    for row in pageviews:
        file.write((b",\n" if count else b"\n") + encode(row))
        count += 1
    file.write(b"]}\n")
    return count
