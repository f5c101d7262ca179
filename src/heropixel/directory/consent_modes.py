"""Consent modes: what the visitors of a pixel have to have said before one of them is recognised."""

from enum import StrEnum


class ConsentMode(StrEnum):
    """When a visitor may get an id, be identified and be linked; see docs/privacy.md."""

    REQUIRED = "REQUIRED"  # once she has said yes
    IMPLIED = "IMPLIED"  # unless she has said no
    NONE = "NONE"  # never: nobody is asked
