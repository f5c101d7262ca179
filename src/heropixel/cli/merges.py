"""`heropixel merges`: users who are one person."""

from typing import Annotated

import typer

from heropixel.cli.naming import AppId, app_of
from heropixel.cli.terminal import (
    AsJson,
    date_time,
    directory_of,
    out,
    print_rows,
    reading,
    say_there_are_more,
    writing,
)
from heropixel.directory.merges import count_merges, list_merges
from heropixel.identity.batch import MergeOrigin, Result
from heropixel.identity.find import find_by_id
from heropixel.identity.identify import merge_by_hand
from heropixel.identity.unmerge import undo_merge
from heropixel.processes.index import index_of
from heropixel.shown import MERGE, show

merges = typer.Typer(help="Merges: users who are one person.", no_args_is_help=True)


@merges.command("add")
def merge_two_users(
    context: typer.Context,
    one: Annotated[str, typer.Argument(metavar="ID", help="The server's id of one of them.")],
    other: Annotated[str, typer.Argument(metavar="ID", help="The server's id of the other.")],
    app_id: AppId = None,
) -> None:
    """Merge two users by hand, also if they were unmerged. The older id stays, the newer resolves to it."""
    with directory_of(context) as directory:
        index = index_of(context.obj, directory)
    with writing(context) as (connection, now):
        app = app_of(connection, app_id)
        first, second = find_by_id(connection, app, one), find_by_id(connection, app, other)
        identified = merge_by_hand(connection, index, first, second, MergeOrigin.COMMAND, now)
    stays = identified.user.id if identified.user else ""
    out.print(f"{'merged into' if identified.result is Result.MERGED else 'both were already'} {stays}")


@merges.command("list")
def list_all_merges(
    context: typer.Context,
    app_id: AppId = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show at most.")] = 100,
    after: Annotated[int | None, typer.Option(metavar="ID", help="Show those after this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show which users are one person, and by what, latest first. Merges that were undone are listed too."""
    with reading(context) as (connection, _):
        number = app_of(connection, app_id)
        rows = list_merges(connection, number, after, limit)
        total = count_merges(connection, number)
    empty = "Nobody was merged yet. `heropixel users identify` merges users whom it names together."
    print_rows([show(MERGE, row, instant=date_time) for row in rows], [*MERGE], as_json=as_json, empty=empty)
    say_there_are_more([row.id for row in rows], limit, total)


@merges.command("undo")
def undo_a_merge(
    context: typer.Context,
    merge: Annotated[str, typer.Argument(metavar="ID", help="The merge, see `heropixel merges list`.")],
    app_id: AppId = None,
) -> None:
    """Undo a merge: both users are as they were. What was set since stays with the older one."""
    with directory_of(context) as directory:
        index = index_of(context.obj, directory)
    with writing(context) as (connection, now):
        users = undo_merge(connection, app_of(connection, app_id), index, merge, now)
    out.print(" and ".join(str(user.id) for user in users) + " are two users again")
