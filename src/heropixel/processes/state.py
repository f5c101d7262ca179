"""How a running server is, for `heropixel doctor`."""

import os
from collections.abc import Mapping
from contextlib import closing
from importlib.metadata import version

from heropixel.errors import EventsUnavailable
from heropixel.operating.state import ServerState
from heropixel.outages import loggable
from heropixel.processes.event_store import events_of
from heropixel.recording.room import Room
from heropixel.settings import Settings
from heropixel.troubles import Trouble


def state_of(settings: Settings, room: Room) -> ServerState:
    """Settings, and what is known of the event store and the disk. It opens a connection to the event store."""
    return ServerState(
        version=version("heropixel"),
        settings=settings.without_secrets(),
        variables=variables_of(os.environ),
        events=_why_no_events(settings),
        days_left=room.days_left(),
    )


def variables_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What the doctor wants to know of an environment. The value of what looks like a setting may be a secret."""
    names = dict.fromkeys((name for name in environment if name.upper().startswith("HEROPIXEL_")), "")
    return names | {name: environment[name] for name in ("LD_PRELOAD",) if name in environment}


def _why_no_events(settings: Settings) -> str:
    try:
        with closing(events_of(settings)()):
            return ""
    except EventsUnavailable as error:
        return loggable(error)
    except Trouble as trouble:
        return trouble.message
