"""Consent modes: what the visitors of a pixel must have agreed to before the server recognises them."""

from enum import StrEnum


class ConsentMode(StrEnum):
    """When a visitor may get an id, be identified and be linked; see docs/privacy.md."""

    REQUIRED = "REQUIRED"  # once they have agreed
    IMPLIED = "IMPLIED"  # unless they have refused
    NONE = "NONE"  # never: nobody is asked
