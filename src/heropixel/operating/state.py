"""What only a running server knows, and `heropixel doctor` asks it."""

from typing import Any

import msgspec


class ServerState(msgspec.Struct, frozen=True):
    """The settings that a server was started with, and how it is."""

    version: str
    settings: dict[str, Any]  # see `Settings.without_secrets`
    variables: dict[str, str]  # of its environment: the names of those that look like settings, and what is preloaded
    events: str = ""  # why the event store cannot be used; empty: it can
    days_left: float | None = None  # until the disk has no room for pageviews; None: not known
