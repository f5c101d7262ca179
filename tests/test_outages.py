"""Outages in the log."""

import logging

from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from heropixel.errors import EventsUnavailable, JournalUnavailable
from heropixel.outages import MOST, Outage, loggable


def test_what_was_to_be_written_is_not_logged() -> None:
    error = OperationalError("INSERT INTO users VALUES (?)", ("ann@example.com",), Exception("the disk is full"))
    assert "ann@example.com" in str(error)
    assert loggable(error) == "the disk is full"
    assert loggable(EventsUnavailable("x" * 10_000)) == "x" * MOST


def test_an_outage_is_logged_once_until_it_works_again_and_a_traceback_only_of_what_was_not_expected() -> None:
    outage = Outage("it works again", logging.ERROR)
    with capture_logs() as logged:
        outage.worked()
        for _ in range(3):
            outage.failed("it fails", JournalUnavailable("no room"))
        outage.worked()
        outage.worked()
        outage.failed("it fails", ValueError("a mistake of ours"))
    assert [(line["event"], line["log_level"], line.get("error"), line.get("exc_info")) for line in logged] == [
        ("it fails", "error", "no room", False),
        ("it works again", "info", None, None),
        ("it fails", "error", "a mistake of ours", True),
    ]
