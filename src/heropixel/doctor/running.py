"""Finds the server of a folder, and asks it what only it knows."""

import os

import httpx
import msgspec

from heropixel import folder
from heropixel.clock import clock
from heropixel.doctor.diagnosis import RunningServer, Subject
from heropixel.errors import EventsUnavailable
from heropixel.operating.line import STATE, line_to_holder
from heropixel.operating.state import ServerState
from heropixel.processes.state import variables_of
from heropixel.settings import Settings
from heropixel.troubles import FolderInUse, ServerRefused, ServerUnreachable

_SECONDS = 30.0  # the event store may be busy
_READY_SECONDS = 10.0


def subject_of(given: Settings) -> Subject:
    """What the checks look at: a server that runs as it runs, else what the settings of this command say."""
    server = _server_of(given)
    variables = server.state.variables if server and server.state else variables_of(os.environ)
    settings = _as_started(given, server.state) if server and server.state else given
    return Subject(settings, given, variables, server, clock())


def _server_of(settings: Settings) -> RunningServer | None:
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
    return RunningServer(holder, state, not_ready=_why_not_ready(holder.url))


def _why_not_ready(url: str) -> str:
    """What a load balancer is told; empty where it is told that the server is ready."""
    try:
        with httpx.Client(trust_env=False, verify=False, timeout=_READY_SECONDS) as http:  # noqa: S501 - it is plain http
            answer = http.get(f"{url}/ready")
    except httpx.HTTPError as error:
        return f"{url}/ready does not answer ({error})"
    return "" if answer.is_success else answer.text.strip()


def _as_started(given: Settings, state: ServerState) -> Settings:
    """The settings that a server was started with. Its secrets are not told: they are those of this command."""
    told = {name: value for name, value in state.settings.items() if name in Settings.model_fields}
    secret = [name for name, value in told.items() if isinstance(value, str) and _HIDDEN in value]
    return Settings.model_validate(told | {name: getattr(given, name) for name in ("data", *secret)})


_HIDDEN = "***"
