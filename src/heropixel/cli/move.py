"""`heropixel move`: takes the world of a folder into a cluster while its server runs."""

from typing import Annotated, Any

import typer

from heropixel.cli.terminal import AsJson, Yes, confirm, notes, out, print_json, progress_bar, settings_of
from heropixel.values import counted


def move(
    context: typer.Context,
    to_directory: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="HEROPIXEL_MOVE_TO_DIRECTORY",
            show_envvar=True,
            help="The database of directory and journal, such as postgresql://user:password@host/db. It exists, and is"
            " empty.",
        ),
    ],
    to_events: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="HEROPIXEL_MOVE_TO_EVENTS",
            show_envvar=True,
            help="The event store, such as clickhouse://user:password@host:8123/db.",
        ),
    ],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Move the world of a folder into a cluster: PostgreSQL and ClickHouse. The server goes on meanwhile.

    It copies, catches up, and changes over at one moment, for which pageviews wait. Reports are behind until then.
    Broken off at any time, the world goes on in its folder, and the same command begins again.
    """
    from heropixel.moving.target import Target  # noqa: PLC0415 - other commands pay for no driver of PostgreSQL
    from heropixel.processes.moving import Move  # noqa: PLC0415 - the same

    settings = settings_of(context)
    target = Target(to_directory, to_events)
    directory, events = target.shown
    confirm(f"The world of {settings.data.absolute()} moves to {directory} and {events}.", yes=yes)
    with progress_bar("Copying") as bar:
        moving = Move(settings, target, _Printed(bar, silent=as_json))
        moving.check()
        moved = moving.run()
    if as_json:
        counts = {"rows": moved.rows, "receipts": moved.receipts, "pageviews": moved.pageviews}
        print_json({"directory": directory, "events": events, **counts, "waitedMilliseconds": moved.note.waited})
        return
    out.print(
        f"Moved: {counted(moved.pageviews, 'pageviews')}. New ones waited for {moved.note.waited / 1000:,.2f} s.",
        soft_wrap=True,
    )
    if moved.is_served:
        out.print("The server goes on with the cluster's stores until it is stopped.")
    out.print(
        "Before the next start, set HEROPIXEL_DIRECTORY_URL, HEROPIXEL_JOURNAL_URL and HEROPIXEL_EVENTS_URL, and"
        f" HEROPIXEL_KEY to what {settings.data.absolute() / 'directory.key'} holds, unless it is set."
        " Then delete the folder: it keeps people who will be erased.",
        soft_wrap=True,
    )


class _Printed:
    """Prints what is told."""

    def __init__(self, bar: Any, *, silent: bool) -> None:  # noqa: ANN401 - of rich, imported late
        self._bar = bar
        self._silent = silent

    def step(self, sentence: str) -> None:
        """A step is done."""
        if not self._silent:
            notes.print(sentence, soft_wrap=True)

    def progress(self, what: str, done: int, total: int) -> None:  # noqa: ARG002 - the bar has one name
        """So much of a step is done."""
        self._bar(done, total)
