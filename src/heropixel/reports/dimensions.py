"""What figures may be told by and pageviews filtered by, and where the event store has it. Pure."""

from collections.abc import Mapping
from typing import Final

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
