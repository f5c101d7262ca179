"""A row of the event store on its way there: what was recorded of a pageview, and what the rules make of it."""

import msgspec


class Row(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """By the columns of the event store.

    Times are Unix milliseconds as text: whether a bare number is seconds, milliseconds or refused depends on the
    version of the event engine. In a text of ten digits or fewer it sees seconds; from 1990 on there are twelve.
    """

    app: int
    pixel_id: int
    timestamp: str
    received: str
    event_id: str
    domain: str
    consent: str = "unknown"
    properties: str = ""
    visitor_id: str = ""
    session_id: str = ""
    url: str = ""
    canonical: str = ""
    title: str = ""
    description: str = ""
    referrer: str = ""
    user_agent: str = ""
    client_hints: str = ""
    language: str = ""
    timezone: str = ""
    screen: str = ""
    viewport: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""
    user_id: int = 0
    resolution: str = ""
    matched_on: str = ""
    journal_position: int = 0
    # What only the rules fill.
    hostname: str = ""
    path: str = ""
    query: str = ""
    referrer_host: str = ""
    source: str = ""
    channel: str = ""
    bot: str = ""
    bot_reasons: tuple[str, ...] = ()
    rules: str = ""


# What the rules read, and what they may write: all that `heropixel reprocess` has to know of a row.
READ = ("domain", "url", "canonical", "referrer", "user_agent", "client_hints", "screen", "viewport")
WRITTEN = (
    *("url", "canonical", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
    *("browser", "browser_version", "os", "os_version", "device"),
    *("hostname", "path", "query", "referrer_host", "source", "channel", "bot", "bot_reasons"),
)
