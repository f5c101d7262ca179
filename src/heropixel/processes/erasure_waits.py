"""What erasures wait for, as a command finds it out: from the server that holds the folder, or from the stores."""

from collections.abc import Sequence
from contextlib import closing

import msgspec

from heropixel.clock import clock
from heropixel.directory.erasures import Erasure
from heropixel.errors import EventsUnavailable
from heropixel.events.place import EventsPlace
from heropixel.events.replicas import still_to_do
from heropixel.operating.line import STATE, line_to_holder
from heropixel.operating.state import ServerState
from heropixel.processes.event_store import events_of
from heropixel.recording.as_of import loaded_until
from heropixel.settings import Settings
from heropixel.troubles import FolderInUse, ServerUnreachable
from heropixel.upkeep.waiting import with_waits

_SECONDS = 10.0  # the event store may be busy


def waits_of(settings: Settings, erasures: Sequence[Erasure]) -> list[Erasure]:
    """The erasures, each with what it waits for."""
    if all(each.done_at for each in erasures):
        return [*erasures]
    return with_waits(
        erasures, loaded_until(settings.url_of_journal(), clock), is_behind=_has_replicas_behind(settings)
    )


def _has_replicas_behind(settings: Settings) -> bool | None:
    """Whether replicas of the event store are behind; None: it is not reachable."""
    try:
        if EventsPlace.of(settings.url_of_events()).is_embedded:
            return None if _events_of_holder(settings) else False
        with closing(events_of(settings)()) as events:
            return bool(still_to_do(events))
    except EventsUnavailable:
        return None


def _events_of_holder(settings: Settings) -> str:
    """Why the server that has the embedded event store open cannot use it; empty: it can, or no server runs."""
    try:
        with line_to_holder(settings.data) as line:
            return msgspec.json.decode(line.get(STATE, _SECONDS), type=ServerState).events if line else ""
    except (FolderInUse, ServerUnreachable, msgspec.MsgspecError):  # a command has it, or a server that is starting
        return ""
