"""What another tool has counted, or another heropixel, becomes pageviews of a pixel."""

from enum import StrEnum


class From(StrEnum):
    """The tools with exports that can be imported."""

    PLAUSIBLE = "plausible"
    UMAMI = "umami"
    MATOMO = "matomo"
    HEROPIXEL = "heropixel"
