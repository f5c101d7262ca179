"""The log names sites that use a pixel without permission, and nobody can fill it with names."""

import structlog.testing

from heropixel.browser.unauthorized_sites import MOST, UnauthorizedSites
from tests.browser.clock import Clock


def test_a_site_is_logged_once_a_day_with_the_command_that_authorises_it() -> None:
    clock = Clock("2026-11-26T12:00")
    sites = UnauthorizedSites(clock)
    with structlog.testing.capture_logs() as said:
        for _ in range(3):
            sites.note(7, "www.example.com")
            sites.note(8, "www.example.com")
        clock.wait(days=1)
        sites.note(7, "www.example.com")
    assert [line["if_it_is_yours"] for line in said] == [
        f"heropixel domains add example.com --pixel {pixel}" for pixel in (7, 8, 7)
    ]


def test_each_pixel_logs_a_limited_number_of_sites_a_day() -> None:
    sites = UnauthorizedSites(Clock("2026-11-26T12:00"))
    with structlog.testing.capture_logs() as said:
        for number in range(MOST + 10):
            sites.note(7, f"{number}.example")
        sites.note(8, "forgotten.example")
    assert [line["pixel"] for line in said] == [7] * MOST + [8]
