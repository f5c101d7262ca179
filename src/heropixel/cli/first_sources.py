"""Where users first came from, for the commands that show users: the event store knows it, and may be away."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from heropixel.cli.terminal import date_time, notes, settings_of
from heropixel.errors import EventsUnavailable
from heropixel.shown import FIRST_SOURCE, show
from heropixel.troubles import FolderInUse, ServerUnreachable

if TYPE_CHECKING:
    from heropixel.directory.people import ListedUser


def with_first_sources(
    context: typer.Context, app: int, people: "Sequence[ListedUser]", rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of these users with `firstSource`: None where it is not known, or cannot be read now."""
    from heropixel.processes.command import operations  # noqa: PLC0415 - only these commands pay for its imports

    persons = {each.user.id: each.members for each in people}
    found = {}
    try:
        with operations(settings_of(context), "users") as holder:
            found = holder.first_sources(app, persons) if persons else {}
    except (EventsUnavailable, FolderInUse, ServerUnreachable) as error:
        notes.print(f"Where users first came from cannot be read now: {error}", soft_wrap=True)
    sources = {user: show(FIRST_SOURCE, source, instant=date_time) for user, source in found.items()}
    return [{**row, "firstSource": sources.get(each.user.id)} for each, row in zip(people, rows, strict=True)]


def source_text(source: dict[str, Any] | None) -> str:
    """A first source in a cell: its name and its campaign, or else its channel."""
    if source is None:
        return ""
    parts = [source["source"] or source["channel"] or "", source["utmCampaign"]]
    return ", ".join(part for part in parts if part)
