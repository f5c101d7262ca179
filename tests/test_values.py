"""One way to write an instant, everywhere it is taken."""

import pytest

from heropixel.errors import InvalidTimestamp
from heropixel.identity.search import UserSearch
from heropixel.identity.suppress import expiry
from heropixel.recording.pageview import parse_timestamp
from heropixel.values import date_time, milliseconds

AT = 1_795_953_600_500
NOW = AT - 1_000
WRITTEN = [AT, str(AT), AT / 1000, str(AT / 1000), "2026-11-29T12:00:00.500Z", "2026-11-29T13:00:00.500+01:00"]


@pytest.mark.parametrize("written", WRITTEN)
def test_an_instant_is_unix_seconds_unix_milliseconds_or_iso_8601(written: str | float) -> None:
    assert milliseconds(written) == AT
    assert parse_timestamp(written, NOW) == AT
    assert expiry(written, NOW) == AT
    assert UserSearch(seen_since=written).instant() == AT


def test_an_instant_is_taken_as_answers_write_it() -> None:
    assert milliseconds(str(date_time(AT))) == AT


@pytest.mark.parametrize("written", ["2026-13-01T00:00:00Z", "yesterday", "2026-11-29T25:00", "1_000", "2026-"])
def test_what_is_no_instant_is_refused(written: str) -> None:
    with pytest.raises(InvalidTimestamp, match="Unix seconds, Unix milliseconds or ISO 8601"):
        parse_timestamp(written, NOW)
