"""`heropixel erasures`: receipts of what was erased."""

from typing import Annotated

import typer

from heropixel.cli.naming import AppId, app_of
from heropixel.cli.terminal import (
    AsJson,
    date_time,
    directory_of,
    notes,
    out,
    print_json,
    print_rows,
    reading,
    say_there_are_more,
    say_what_keeps_them,
    settings_of,
)
from heropixel.directory.erasures import Erasure, count_erasures, find_erasure, list_erasures, place_of
from heropixel.errors import EventsUnavailable
from heropixel.shown import ERASURE, show
from heropixel.troubles import FolderInUse
from heropixel.values import counted

erasures = typer.Typer(help="Erasures: receipts of what was erased.", no_args_is_help=True)


@erasures.command("list")
def list_all_erasures(
    context: typer.Context,
    app_id: AppId = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show at most.")] = 100,
    after: Annotated[str | None, typer.Option(metavar="ID", help="Show those after this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the receipts of what was erased, latest first. They name nobody."""
    with reading(context) as (connection, _):
        number = app_of(connection, app_id)
        before = place_of(find_erasure(connection, number, after)) if after else None
        found = [erasure for _, erasure in list_erasures(connection, number, before, limit)]
        total = count_erasures(connection, number)
    found = _with_waits(context, found)
    rows = [show(ERASURE, erasure, instant=date_time) for erasure in found]
    if not as_json:
        rows = [{**row, **_in_words(erasure)} for row, erasure in zip(rows, found, strict=True)]
    columns = [name for name in ERASURE if name != "waitsFor" or any(row[name] for row in rows)]
    empty = (
        "Nothing was erased yet. `heropixel users forget --email ADDRESS` erases a person, and leaves a receipt here."
    )
    print_rows(rows, columns, as_json=as_json, empty=empty)
    say_there_are_more([row.id for row in found], limit, total)


@erasures.command("show")
def show_an_erasure(
    context: typer.Context,
    receipt: Annotated[str, typer.Argument(metavar="ID", help="The receipt, as it was printed.")],
    app_id: AppId = None,
    as_json: AsJson = False,
) -> None:
    """Show what an erasure has erased, and whether it is done."""
    with reading(context) as (connection, _):
        erasure = find_erasure(connection, app_of(connection, app_id), receipt)
    (erasure,) = _with_waits(context, [erasure])
    print_erasure(erasure, as_json=as_json)


def finish(context: typer.Context, erasure: Erasure, *, as_json: bool) -> None:
    """Complete an erasure, if that is possible now, and print it."""
    from heropixel.processes.command import operations  # noqa: PLC0415 - only commands that erase pay for its imports

    with directory_of(context) as directory:
        try:
            with operations(settings_of(context), "erasing") as holder:
                erasure = holder.finish(directory, erasure)
        except FolderInUse:
            pass  # another command holds the folder, and commands answer no requests
        except EventsUnavailable:
            notes.print("The event store is not reachable now.", style="yellow")
    (erasure,) = _with_waits(context, [erasure])
    print_erasure(erasure, as_json=as_json)
    say_what_keeps_them(settings_of(context))


def print_erasure(erasure: Erasure, *, as_json: bool) -> None:
    """Print a receipt, for people or for scripts."""
    if as_json:
        print_json(show(ERASURE, erasure, instant=date_time))
        return
    out.print(f"{erasure.id}: erased {_words(erasure)}", soft_wrap=True)
    if erasure.done_at is None:
        if erasure.waits_for:
            notes.print(f"{_in_words(erasure)['waitsFor']}.", style="yellow", soft_wrap=True)
        notes.print(
            f"Its pageviews are not erased yet: the running server erases them, or the next one that starts; see"
            f" `heropixel erasures show {erasure.id}`.",
            style="yellow",
            soft_wrap=True,
        )


def _with_waits(context: typer.Context, found: list[Erasure]) -> list[Erasure]:
    """The erasures, each with what it waits for."""
    if all(each.done_at for each in found):
        return found
    from heropixel.processes.erasure_waits import waits_of  # noqa: PLC0415 - only where something waits

    return waits_of(settings_of(context), found)


def _in_words(erasure: Erasure) -> dict[str, str]:
    """What people are shown in words."""
    if not erasure.waits_for:
        return {"erased": _words(erasure), "waitsFor": ""}
    from heropixel.upkeep.waiting import wait_in_words  # noqa: PLC0415 - the same

    return {"erased": _words(erasure), "waitsFor": wait_in_words(erasure)}


def _words(erasure: Erasure) -> str:
    """What was erased, in words."""
    return ", ".join(counted(count, what) for what, count in erasure.counts.items()) or "nothing yet"
