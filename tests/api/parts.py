"""Resolvers with only the parts that a test uses."""

from inspect import signature
from typing import Any, get_type_hints

from heropixel.api.resolvers import Resolvers
from heropixel.directory.news import News
from heropixel.recording.room import Room

MOST = {"max_events": 3, "max_users": 3, "max_contacts": 10, "max_page": 100, "max_user_data": 1_000, "max_joined": 5}


def resolvers(**parts: Any) -> Resolvers:
    """All resolvers with these parts, and without the others."""
    registry: Any = parts.get("registry")
    alone = News(registry, has_others=False)
    given = {"places": None, "room": Room((), 0), "news": alone, **MOST, **parts}
    return Resolvers(**{name: _made(kind, given) for name, kind in get_type_hints(Resolvers).items()})


def _made(kind: type[Any], parts: dict[str, Any]) -> Any:
    return kind(**{name: parts.get(name) for name in signature(kind).parameters})
