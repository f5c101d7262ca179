"""Finds the server of a folder, and asks it what only it knows."""

import os

import msgspec

from heropixel import folder
from heropixel.clock import clock
from heropixel.doctor.diagnosis import RunningServer, Subject
from heropixel.doctor.ready import why_not_ready
from heropixel.errors import EventsUnavailable
from heropixel.operating.line import STATE, line_to_holder
from heropixel.operating.state import ServerState
from heropixel.processes.state import variables_of
from heropixel.settings import Settings
from heropixel.troubles import FolderInUse, ServerRefused, ServerUnreachable

_SECONDS = 30.0  # the event store may be busy


def subject_of(given: Settings) -> Subject:
    """What the checks look at: a server that runs as it runs, else what the settings of this command say."""
    server = _server_of(given)
    variables = server.state.variables if server and server.state else variables_of(os.environ)
    settings = _as_started(given, server.state) if server and server.state else given
    return Subject(settings, given, variables, server, clock())


def _server_of(settings: Settings) -> RunningServer | None:
    if not settings.keeps_files:  # the folder of a node is temporary, and only the node knows it
        return None
    try:
        holder = folder.holder_of(settings.data)
    except OSError:  # the check of the folder says so
        return None
    if holder is None:
        return None
    try:
        with line_to_holder(settings.data) as line:
            if line is None:  # it has ended meanwhile
                return None
            state = msgspec.json.decode(line.get(STATE, _SECONDS), type=ServerState)
    except FolderInUse:  # a command, which answers nothing
        return RunningServer(holder, None)
    except (ServerUnreachable, ServerRefused, EventsUnavailable, msgspec.MsgspecError) as error:
        return RunningServer(holder, None, str(error))
    return RunningServer(holder, state, not_ready=why_not_ready(holder.url))


def _as_started(given: Settings, state: ServerState) -> Settings:
    """The settings that a server was started with. Its secrets are not told: they are those of this command."""
    told = {name: value for name, value in state.settings.items() if name in Settings.model_fields}
    secret = [name for name, value in told.items() if isinstance(value, str) and _HIDDEN in value]
    return Settings.model_validate(told | {name: getattr(given, name) for name in ("data", *secret)})


_HIDDEN = "***"
