"""What figures may be told by and pageviews filtered by, and where the event store has it. Pure."""

from collections.abc import Mapping
from typing import Final

from heropixel.events.actors import is_daily_hash, is_user, is_visitor_id

# The dimensions that are a column of the event store, under their names in the API.
COLUMNS: Final[Mapping[str, str]] = {
    "PAGE": "path",
    "HOSTNAME": "hostname",
    "REFERRER": "referrer_host",
    "SOURCE": "source",
    "CHANNEL": "channel",
    "UTM_SOURCE": "utm_source",
    "UTM_MEDIUM": "utm_medium",
    "UTM_CAMPAIGN": "utm_campaign",
    "UTM_TERM": "utm_term",
    "UTM_CONTENT": "utm_content",
    "COUNTRY": "country",
    "REGION": "region",
    "CITY": "city",
    "LANGUAGE": "language",
    "BROWSER": "browser",
    "BROWSER_VERSION": "browser_version",
    "OS": "os",
    "OS_VERSION": "os_version",
    "DEVICE": "device",
    "BOT": "bot",
}
TIMES: Final = ("MINUTE", "HOUR", "DAY", "WEEK", "MONTH")
OF_SESSION: Final = ("ENTRY_PAGE", "EXIT_PAGE")  # a pageview has them of its session
USER: Final = "USER"
PIXEL: Final = "PIXEL"

# What a person is, in SQL; see people.py.
IS_USER: Final = is_user("person")
IS_VISITOR_ID: Final = is_visitor_id("person")
IS_DAILY_HASH: Final = is_daily_hash("person")


def value_in_sql(dimension: str) -> str:
    """A pageview's own value of a dimension, as text."""
    if dimension == USER:
        return f"if({IS_USER}, toString(person), '')"
    return "toString(pixel_id)" if dimension == PIXEL else COLUMNS[dimension]


def name_in_sql(dimension: str) -> str:
    """What it is called where it is counted by."""
    return f"by_{dimension.lower()}"
