"""Tells the operator of sites that use a pixel and may not: the browser's 400 reaches nobody who could mend it."""

from collections.abc import Callable

import structlog

from heropixel.browser.salts import DAY
from heropixel.installation.pasting import domain_command

log = structlog.get_logger()

MOST = 20  # sites of a pixel, a day: strangers can name any, and are not to fill the log


class Strangers:
    """The sites that were told of today."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._day = 0
        self._told: dict[int, set[str]] = {}

    def note(self, pixel: int, site: str) -> None:
        """A beacon for a pixel came from a host name that is none of its domains: into the log, once a day."""
        today = self._clock() // DAY
        if today != self._day:
            self._day, self._told = today, {}
        told = self._told.setdefault(pixel, set())
        if site not in told and len(told) < MOST:
            told.add(site)
            log.warning(
                "beacons for a pixel come from a site that is not one of its domains, and are dropped",
                pixel=pixel,
                site=site,
                if_it_is_yours=domain_command(pixel, site),
            )
