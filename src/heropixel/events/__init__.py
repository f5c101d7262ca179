"""The event store: every pageview, for queries over many. ClickHouse, in this process (chDB) or on a server."""

from heropixel.events.migrating import migrations
from heropixel.events.place import DATABASE
from heropixel.events.store import Bounds, Events
from heropixel.events.thread import EventsThread

__all__ = ["DATABASE", "Bounds", "Events", "EventsThread", "migrations"]
