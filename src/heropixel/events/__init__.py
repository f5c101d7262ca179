"""The event store: every pageview, for queries over many. ClickHouse, in this process (chDB) or on a server."""

from heropixel.events.store import DATABASE, Bounds, Events, migrations
from heropixel.events.thread import EventsThread

__all__ = ["DATABASE", "Bounds", "Events", "EventsThread", "migrations"]
