"""Logs sites that use a pixel without permission, for the operator: the site's visitors only see a 400."""

from collections.abc import Callable

import structlog

from heropixel.browser.salts import DAY
from heropixel.installation.pasting import domain_command

log = structlog.get_logger()

MOST = 20  # sites for each pixel and day: anybody can send any name, and must not fill the log


class UnauthorizedSites:
    """The sites that were logged today."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._day = 0
        self._logged: dict[int, set[str]] = {}

    def note(self, pixel: int, site: str) -> None:
        """Log, once a day, that a beacon for a pixel came from a host name that is not one of its domains."""
        today = self._clock() // DAY
        if today != self._day:
            self._day, self._logged = today, {}
        logged = self._logged.setdefault(pixel, set())
        if site not in logged and len(logged) < MOST:
            logged.add(site)
            log.warning(
                "beacons for a pixel come from a site that is not one of its domains, and are dropped",
                pixel=pixel,
                site=site,
                if_it_is_yours=domain_command(pixel, site),
            )
