"""What a member or a key may do: roles, each with all of the lower ones, and scopes, each by itself. Pure."""

from enum import StrEnum


class Role(StrEnum):
    """What a member may do in an app. Each role may do what those before it may."""

    VIEWER = "VIEWER"
    ANALYST = "ANALYST"
    EDITOR = "EDITOR"
    OWNER = "OWNER"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what the other may."""
        return _ORDER[self] >= _ORDER[other]


_ORDER = {role: place for place, role in enumerate(Role)}


class KeyScope(StrEnum):
    """What a key may do."""

    RECORD = "RECORD"
    READ_FIGURES = "READ_FIGURES"
    READ_PEOPLE = "READ_PEOPLE"
    MANAGE = "MANAGE"
