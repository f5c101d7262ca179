"""A row is enriched step by step, and notes the version of the rules that were used."""

from collections.abc import Callable
from importlib.metadata import version

from heropixel.columns import CAMPAIGN, GivenBy, Row, given_by
from heropixel.enrichment.address import host_of
from heropixel.enrichment.agent import seen_with, usual_names
from heropixel.enrichment.bots import detect
from heropixel.enrichment.campaign import spelled_campaign
from heropixel.enrichment.channel import click_of, origin_of
from heropixel.enrichment.cleaning import clean_text, clean_url
from heropixel.enrichment.codes import country_of, is_no_place, language_of, region_of
from heropixel.enrichment.device import device_named
from heropixel.enrichment.page import NO_PAGE, NO_REFERRER, PageAddress, Referrer, page_of, referrer_of
from heropixel.enrichment.zones import PlaceBasis, country_of_zone
from heropixel.values import BEACON

# Our own number, to be raised with every change of a rule in this folder, and the versions of the rule packages.
_PACKAGES = ("ua-parser-builtins", "is-crawler", "publicsuffixlist", "tzdata")
RULES = "/".join(("3", *(f"{package}-{version(package)}" for package in _PACKAGES)))

# The columns that the rules read, and those that they may write: `heropixel reprocess` needs no others.
READ = (
    "pixel_id",
    "event_id",
    "domain",
    "url",
    "canonical",
    "referrer",
    "user_agent",
    "client_hints",
    "timezone",
    "screen",
    "viewport",
)
WRITTEN = given_by(GivenBy.RULES)


# Whether a host is one of a pixel's own domains.
Owns = Callable[[int, str], bool]


def owns_nothing(_pixel: int, _host: str) -> bool:
    """For rows of pixels that are not known here."""
    return False


def enrich(row: Row, owns: Owns = owns_nothing) -> Row:
    """Enrich a row. It is idempotent: the same row gives the same result, also when it was enriched before."""
    # The order matters: a step uses the results of those before it.
    put_page(row, owns)
    put_place(row)
    put_program(row)
    row.rules = RULES
    return row


def prepare() -> None:
    """Load the data of the rules before pageviews come: loading blocks other threads for 60 ms."""
    url, agent, zone = "https://www.example.com/", "a-bot/1.0", "Europe/Zurich"
    referrer = "https://www.example.org/"
    enrich(Row(0, 0, "", "", "", "example.com", url=url, referrer=referrer, user_agent=agent, timezone=zone))


def put_page(row: Row, owns: Owns) -> None:
    """What the addresses of the page and of its referrer show."""
    page = page_of(row.url) if row.url else NO_PAGE
    referrer = referrer_of(row.referrer) if row.referrer else NO_REFERRER
    clean(row, page, referrer)
    put_address(row, page)
    put_campaign(row, page)
    put_origin(row, page, referrer, owns)


def clean(row: Row, page: PageAddress, referrer: Referrer) -> None:
    """Remove secrets and personal data, also from rows that were recorded before the endpoints did it."""
    row.url, row.referrer = page.url, referrer.url
    if row.canonical:
        row.canonical = clean_url(row.canonical)


def put_address(row: Row, page: PageAddress) -> None:
    """Host name, path and query of the page."""
    row.hostname = page.host or row.domain
    # The script sends fragments only where the site says that they are pages (`data-hash`).
    path = page.path_with_fragment if row.event_id.startswith(BEACON) else page.path
    row.path = path if path.startswith("/") or not path else _rooted(path, row.domain)
    row.query = page.query


def _rooted(path: str, domain: str) -> str:
    """The path of an address without a scheme: `example.com/tea`, or `tea` alone."""
    host, slash, rest = path.partition("/")
    return f"/{rest}" if slash and host_of(host) == domain else f"/{path}"


def put_campaign(row: Row, page: PageAddress) -> None:
    """The UTM fields: as the caller gave them, or else of the address."""
    for name in CAMPAIGN:
        if given := getattr(row, name):
            setattr(row, name, clean_text(spelled_campaign(given)))
    for name, value in page.campaign.fields.items():
        if not getattr(row, name):
            setattr(row, name, clean_text(value))


def put_origin(row: Row, page: PageAddress, referrer: Referrer, owns: Owns) -> None:
    """The source and the channel of the visit."""
    row.referrer_host = referrer.host
    row.source, row.channel = origin_of(
        referrer.host,
        row.hostname,
        row.utm_source,
        row.utm_medium,
        click_of(page.campaign.names) if page.campaign.names else "",
        bool(referrer.host) and owns(row.pixel_id, referrer.host),
    )


def put_place(row: Row) -> None:
    """Country, region, city and language in their usual form. A country that nothing else tells is the time zone's."""
    if row.place_basis == PlaceBasis.TIMEZONE:  # by earlier rules
        row.country = row.place_basis = ""
    if row.country or row.region:
        country = country_of(row.country or _country_in(row.region))
        row.region = region_of(row.region, country) if row.region else ""
        row.country = country if row.country or row.region else ""
    if row.city and is_no_place(row.city):
        row.city = ""
    if not (row.country or row.region or row.city):
        row.country = country_of_zone(row.timezone) if row.timezone else ""
        row.place_basis = PlaceBasis.TIMEZONE if row.country else ""
    elif row.place_basis not in _BASES:
        row.place_basis = ""
    if row.language:
        row.language = language_of(row.language)


_BASES = frozenset(PlaceBasis)


def _country_in(region: str) -> str:
    """The country of a region's code, `US` of `US-CA`."""
    country, dash, _ = region.partition("-")
    return country if dash and len(country) == len("US") else ""


def put_program(row: Row) -> None:
    """What requested the page: its browser, system and device, and whether it is a bot."""
    put_agent(row)
    flag_bot(row)


def put_agent(row: Row) -> None:
    """Browser, operating system and device: by the user agent, or else as the caller gave them."""
    if row.user_agent:
        row.browser, row.browser_version, row.os, row.os_version, row.device = seen_with(row.user_agent)
    elif row.browser or row.os or row.device:
        row.browser, row.os, row.os_version = usual_names(row.browser, row.os, row.os_version)
        row.device = device_named(row.device)


def flag_bot(row: Row) -> None:
    """The kind of bot, and the reasons."""
    row.bot, row.bot_reasons = detect(
        row.user_agent,
        row.client_hints,
        row.screen == "0x0" or row.viewport == "0x0",
        row.url.startswith(PLAIN_HTTP),
        bool(row.browser or row.os or row.device),
    )


PLAIN_HTTP = "http:"
